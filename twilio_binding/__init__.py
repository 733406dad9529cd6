"""Twilio for openHAB: a sidecar that plays openHAB's Twilio add-on."""

__version__ = "0.1.0"
