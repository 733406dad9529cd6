"""The native actions of things, which openHAB's rules and UI call."""
