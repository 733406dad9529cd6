"""Twilio in openHAB's Python: `from openhab_twilio import phone`, and rules on calls, texts and keys."""

from __future__ import annotations

VERSION = "1.0.0"
