"""The binding inside openHAB: things, handlers, events, inbox and callbacks, kept current by the service's messages."""
