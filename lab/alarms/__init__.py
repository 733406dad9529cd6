"""The proof of alarms: outages with random faults, of which Twilio's side alone is looked at.

`python -m lab.alarms --outages 1000 --seed N` runs them, many at a time, in batches that share a service and its faults.
"""
