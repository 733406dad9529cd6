"""How an event reaches openHAB: through the script, else through the relay rule; and how states are restored.

What openHAB has is in `openhab.registries`; whether deliveries are possible is in `openhab.status`.
"""
