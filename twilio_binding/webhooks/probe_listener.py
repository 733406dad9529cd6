"""Answers probes while no service runs; a separate module, because the service itself needs no second server."""

from __future__ import annotations

import threading
from types import TracebackType
from typing import Self

from flask import Flask, Response, request
from werkzeug.serving import WSGIRequestHandler, make_server

from twilio_binding.webhooks.forms import read_target
from twilio_binding.webhooks.listening import listen
from twilio_binding.webhooks.probe import PLAIN, ProbeDesk


class ProbeListener:
    """Listens in place of a service that is not running, and only answers probes. Raises `ListenError`."""

    def __init__(self, desk: ProbeDesk, host: str, port: int) -> None:
        app = Flask("twilio_binding.webhooks.probe", static_folder=None)

        @app.route("/<path:_rest>", methods=["GET", "POST"])
        def answer(_rest: str) -> Response:
            target = read_target(request.environ.get("REQUEST_URI", ""))
            return desk.answer(request, target) or Response("Not found", 404, content_type=PLAIN)

        class Silent(WSGIRequestHandler):
            def log(self, type: str, message: str, *args: object) -> None:  # noqa: A002 - the base class names it so
                del type, message, args

        # If the port is in use, werkzeug would print that and end the process.
        with listen(host, port) as listening:
            self._server = make_server(host, port, app, threaded=True, request_handler=Silent, fd=listening.fileno())
        self._thread = threading.Thread(
            target=self._server.serve_forever, args=(0.05,), name="doctor-probes", daemon=True
        )

    def __enter__(self) -> Self:
        """Listen."""
        self._thread.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        """Stop listening."""
        self._server.shutdown()
        self._thread.join(5)
        self._server.server_close()
