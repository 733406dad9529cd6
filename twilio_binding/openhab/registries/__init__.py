"""What openHAB has: item links, rules with their runs, things, and the values of items.

Read over REST and kept current by the event stream; nothing is written from here.
"""
