"""Stand-ins for openHAB and Twilio, for users who try rules and menus, and for tests.

They imitate recorded behavior of the real servers. Faults on demand are in `lab.standins`.
"""
