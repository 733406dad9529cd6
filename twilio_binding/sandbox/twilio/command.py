"""The command line of the stand-in's process."""

from __future__ import annotations

import argparse
import json
import os
import select
import signal
import sys
import threading

from twilio_binding.sandbox.openhab.server import Listener
from twilio_binding.sandbox.twilio.control import create_app
from twilio_binding.sandbox.twilio.options import Options
from twilio_binding.sandbox.twilio.world import World


def read(arguments: list[str]) -> tuple[Options, bool]:
    """The options of a command line, and whether the end of standard input ends the process."""
    parser = argparse.ArgumentParser(prog="python -m twilio_binding.sandbox.twilio", description=__doc__)
    defaults = Options()
    for name in Options.__dataclass_fields__:
        default = getattr(defaults, name)
        parser.add_argument("--" + name.replace("_", "-"), type=type(default), default=default)
    parser.add_argument("--until-eof", action="store_true", help="stop when standard input ends")
    values = vars(parser.parse_args(arguments))
    until_eof = values.pop("until_eof")
    return Options(**values), until_eof


def written(options: Options) -> list[str]:
    """The command line that makes these options."""
    return [f"--{name.replace('_', '-')}={getattr(options, name)}" for name in Options.__dataclass_fields__]


def main(arguments: list[str] | None = None) -> None:
    """Read the command line, serve, return when told to stop."""
    options, until_eof = read(sys.argv[1:] if arguments is None else arguments)
    over = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: over.set())
    listener = Listener(options.host, options.port, 60.0)
    listener.application = create_app(World(options, listener.url))
    listener.open()
    print(json.dumps({"url": listener.url}), flush=True)
    if until_eof:
        threading.Thread(target=_follow_stdin, args=(over,), name="stdin", daemon=True).start()
    over.wait()
    listener.stop()


def _follow_stdin(over: threading.Event) -> None:
    # A plain read would stop the whole process, which is one thread to the operating system.
    while select.select([sys.stdin], [], []) and os.read(sys.stdin.fileno(), 4096):
        pass
    over.set()
