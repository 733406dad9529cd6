"""Stand-ins for openHAB and Twilio, with which users try rules and menus, and tests run.

Recorded behavior of the real ones belongs here; faults on demand are in `lab.standins`.
"""
