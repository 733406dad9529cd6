"""The proof of alarms: random faults while alarms run. Only what Twilio saw is judged.

`python -m lab.alarms --outages 1000 --seed N` runs many alarms at a time, in batches that share a service and its faults.
"""
