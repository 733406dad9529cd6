"""`python -m lab.standins openhab|twilio ...`: a stand-in with faults as a process of its own."""

from __future__ import annotations

import sys
from functools import partial

from gevent import monkey

monkey.patch_all()

# Nothing else may be imported before the patch.
from lab.standins.faults import Faults  # noqa: E402
from lab.standins.openhab_faults import FaultHooks, control_routes  # noqa: E402
from lab.standins.twilio_faults import add_faults  # noqa: E402
from twilio_binding.sandbox.openhab import command as openhab_command  # noqa: E402
from twilio_binding.sandbox.openhab.server import OpenHABServer, run  # noqa: E402
from twilio_binding.sandbox.twilio import command as twilio_command  # noqa: E402
from twilio_binding.sandbox.twilio.server import serve  # noqa: E402


def openhab(arguments: list[str]) -> None:
    """Serve an openHAB."""
    options, until_eof = openhab_command.read(arguments)
    faults = Faults()
    server = OpenHABServer(options, FaultHooks(faults), partial(control_routes, faults))
    run(server, openhab_command.announce, until_eof=until_eof)


def twilio(arguments: list[str]) -> None:
    """Serve a Twilio."""
    options, until_eof = twilio_command.read(arguments)
    serve(options, until_eof=until_eof, extend=add_faults)


if __name__ == "__main__":
    {"openhab": openhab, "twilio": twilio}[sys.argv[1]](sys.argv[2:])
