"""`python -m twilio_binding.sandbox openhab|twilio ...`: a stand-in as a process of its own."""

from __future__ import annotations

import sys

from gevent import monkey

monkey.patch_all()

from twilio_binding.sandbox.openhab import command as openhab_command
from twilio_binding.sandbox.openhab.server import OpenHABServer, run
from twilio_binding.sandbox.twilio import command as twilio_command
from twilio_binding.sandbox.twilio.server import serve


def openhab(arguments: list[str]) -> None:
    """Run the stand-in for openHAB until a signal ends it."""
    options, until_eof = openhab_command.read(arguments)
    run(OpenHABServer(options), openhab_command.announce, until_eof=until_eof)


def twilio(arguments: list[str]) -> None:
    """Run the stand-in for Twilio until a signal ends it."""
    options, until_eof = twilio_command.read(arguments)
    serve(options, until_eof=until_eof)


if __name__ == "__main__":
    standins = {"openhab": openhab, "twilio": twilio}
    if len(sys.argv) < 2 or sys.argv[1] not in standins:
        sys.exit("usage: python -m twilio_binding.sandbox openhab|twilio [--help]")
    standins[sys.argv[1]](sys.argv[2:])
