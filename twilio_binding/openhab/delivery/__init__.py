"""How an event reaches openHAB: through the script, else through the relay rule; and how states are restored.

What openHAB has stands in `registries`; when deliveries can go, `status` says.
"""
