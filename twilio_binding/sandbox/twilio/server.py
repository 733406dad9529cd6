"""The stand-in in this process, which gevent must have patched before all other imports."""

from __future__ import annotations

import json
import os
import select
import signal
import sys
import threading
from collections.abc import Callable

from flask import Flask

from twilio_binding.sandbox.openhab.server import Listener
from twilio_binding.sandbox.twilio.application import create_app
from twilio_binding.sandbox.twilio.options import TwilioOptions
from twilio_binding.sandbox.twilio.world import World

_IDLE = 60.0


Extend = Callable[[Flask, World, Listener], None]
"""Adds to the application of a stand-in; the listener is that of the REST API."""


def serve(options: TwilioOptions, *, until_eof: bool = False, extend: Extend | None = None) -> None:
    """Print one JSON line with the addresses, and serve until SIGTERM, SIGINT or the end of standard input."""
    over = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: over.set())
    port = Listener(options.host, options.port, _IDLE)
    control = Listener(options.host, options.control_port, _IDLE)
    world = World(options, port.url)
    app = create_app(world, control.url)
    if extend is not None:
        extend(app, world, port)
    port.application = control.application = app
    port.open()
    control.open()
    print(json.dumps({"url": port.url, "control": control.url}), flush=True)
    if until_eof:
        threading.Thread(target=_follow_stdin, args=(over,), name="stdin", daemon=True).start()
    over.wait()
    world.background.stop()
    port.stop()
    control.stop()


def _follow_stdin(over: threading.Event) -> None:
    # A plain read would block the whole process, because greenlets share one thread.
    while select.select([sys.stdin], [], []) and os.read(sys.stdin.fileno(), 4096):
        pass
    over.set()
