"""What the service and the script inside openHAB share: topics, requests, replies, events and thing types.

The standard library only: `install` copies the whole package into openHAB's Python (GraalPy).
"""
