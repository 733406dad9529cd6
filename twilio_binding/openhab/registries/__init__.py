"""What openHAB has: item links, rules with their runs, things, and the values of items.

Everything is read over REST and kept current by the event stream; nothing is written. How long the next event waits for
the rules on a trigger is in `rules`.
"""
