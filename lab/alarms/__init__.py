"""The test of alarms with random faults. It judges only what Twilio saw.

`python -m lab.alarms --outages 1000 --seed N` runs many alarms at a time, in batches that share a service and its faults.
"""
