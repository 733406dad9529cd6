"""The sandbox's stand-ins for openHAB and Twilio with faults on demand: for tests, the fault run and benchmarks.

They are started as `python -m lab.standins openhab|twilio` with the options of the sandbox's own. The sandbox itself has
no faults.
"""

from __future__ import annotations

from lab.standins.client import OpenHABFaults, OpenHABStandIn, TwilioFaults, TwilioStandIn
from lab.standins.stack import Stack, stack

__all__ = ["OpenHABFaults", "OpenHABStandIn", "Stack", "TwilioFaults", "TwilioStandIn", "stack"]
