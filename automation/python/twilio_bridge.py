"""Twilio for openHAB, the half that lives inside openHAB: a whole binding as a script (openHAB 5, Python Scripting).

It is installed with `twilio-binding install` and needs the sidecar, which talks to Twilio.
"""

from __future__ import annotations

from scope import osgi

from openhab_twilio.binding.app import Binding
from openhab_twilio.settings import load

_binding = Binding(osgi.bundleContext, load())
_binding.start()


def scriptUnloaded() -> None:
    """Give everything back before the next copy is loaded."""
    _binding.stop()
