"""How an event reaches openHAB: through the script, else by item states and the relay rule.

What openHAB has stands in `registries`.
"""
