"""Twilio for openHAB: the script inside openHAB, which works like a binding (openHAB 5, Python Scripting).

`twilio-binding install` writes, replaces and removes this file. The script needs the service, which talks to Twilio.
"""

from __future__ import annotations

from scope import osgi

from openhab_twilio.binding.app import Binding
from openhab_twilio.settings import load

_binding = Binding(osgi.bundleContext, load())
_binding.start()


def scriptUnloaded() -> None:
    """Withdraw everything before the next copy is loaded."""
    _binding.stop()
