"""The sandbox's stand-ins for openHAB and Twilio with faults on demand: for tests, the fault run and benchmarks.

`python -m lab.standins openhab|twilio` starts one, with the options of the sandbox's stand-ins, which have no faults.
"""
