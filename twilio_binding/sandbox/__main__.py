"""`python -m twilio_binding.sandbox openhab|twilio ...`: a stand-in as a process of its own."""

from __future__ import annotations

import sys

from gevent import monkey

monkey.patch_all()

# Nothing else may be imported before the patch.
from twilio_binding.sandbox.openhab import main as openhab  # noqa: E402
from twilio_binding.sandbox.twilio.command import main as twilio  # noqa: E402

if __name__ == "__main__":
    standins = {"openhab": openhab, "twilio": twilio}
    if len(sys.argv) < 2 or sys.argv[1] not in standins:
        sys.exit("usage: python -m twilio_binding.sandbox openhab|twilio [--help]")
    standins[sys.argv[1]](sys.argv[2:])
