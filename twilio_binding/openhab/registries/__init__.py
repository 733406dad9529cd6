"""What openHAB has, kept current: item links, rules, things.

Read over REST and followed on the event stream; nothing is written from here.
"""
