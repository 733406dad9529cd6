"""The binding inside openHAB: things, handlers, events, inbox, callbacks, and what keeps them current."""
