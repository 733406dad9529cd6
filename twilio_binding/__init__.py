"""Twilio for openHAB: a service beside openHAB with what openHAB's Twilio add-on has."""

__version__ = "0.1.0"
