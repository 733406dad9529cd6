"""`python -m lab.standins openhab|twilio ...`: a stand-in with faults as a separate process."""

from __future__ import annotations

import sys
from functools import partial

from gevent import monkey

monkey.patch_all()

from lab.standins.faults import Faults
from lab.standins.openhab_faults import FaultHooks, control_routes
from lab.standins.twilio_faults import add_faults
from twilio_binding.sandbox.openhab import command as openhab_command
from twilio_binding.sandbox.openhab.server import OpenHABServer, run
from twilio_binding.sandbox.twilio import command as twilio_command
from twilio_binding.sandbox.twilio.server import serve


def openhab(arguments: list[str]) -> None:
    """Run the stand-in for openHAB."""
    options, until_eof = openhab_command.read(arguments)
    faults = Faults()
    server = OpenHABServer(options, FaultHooks(faults), partial(control_routes, faults))
    run(server, openhab_command.announce, until_eof=until_eof)


def twilio(arguments: list[str]) -> None:
    """Run the stand-in for Twilio."""
    options, until_eof = twilio_command.read(arguments)
    serve(options, until_eof=until_eof, extend=add_faults)


if __name__ == "__main__":
    {"openhab": openhab, "twilio": twilio}[sys.argv[1]](sys.argv[2:])
