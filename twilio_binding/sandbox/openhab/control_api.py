"""The control API of the stand-in: tests and programs use it to change openHAB from inside, and to see what happened.

It has its own port, because that of openHAB may be closed. The port is on loopback, without authentication.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from http import HTTPStatus
from urllib.parse import unquote

from twilio_binding.sandbox.openhab.application import StartResponse
from twilio_binding.sandbox.openhab.control_routes import Body, ControlRoute
from twilio_binding.sandbox.openhab.rest.request import RestRequest


class ControlAPI:
    """The WSGI application of the control API. It answers JSON; 400 and 404 have a reason."""

    def __init__(self, routes: Iterable[ControlRoute]) -> None:
        self._routes = [(method, re.compile(f"/sandbox/{path}"), handler) for method, path, handler in routes]

    def __call__(self, environ: dict[str, object], start_response: StartResponse) -> Iterable[bytes]:
        """Answer one request."""
        status, value = self._answer(RestRequest(environ))
        body = json.dumps(value, ensure_ascii=False).encode()
        start_response(f"{status.value} {status.phrase}", [("Content-Type", "application/json")])
        return [body]

    def _answer(self, request: RestRequest) -> tuple[HTTPStatus, object]:
        for method, pattern, handler in self._routes:
            found = pattern.fullmatch(request.path)
            if found is not None and method == request.method:
                try:
                    names = [unquote(group) for group in found.groups()]
                    given: Body = json.loads(request.text) if request.body else dict(request.query)
                    return HTTPStatus.OK, handler(given, *names)
                except (ValueError, TypeError) as mistake:
                    return HTTPStatus.BAD_REQUEST, {"error": str(mistake)}
        return HTTPStatus.NOT_FOUND, {"error": f"no {request.method} {request.path}"}
