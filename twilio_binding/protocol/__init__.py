"""What the service and the script inside openHAB share: topics, requests, replies, events, and the words of things.

The standard library only: `install` copies the whole package into openHAB's Python (GraalPy).
"""
