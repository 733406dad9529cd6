"""The WSGI application: the answers during a start, and afterwards the REST resources."""

from __future__ import annotations

import gzip
import itertools
import logging
from collections.abc import Callable, Iterable
from dataclasses import replace
from http import HTTPStatus

from twilio_binding.sandbox.openhab.hooks import OpenHABClient
from twilio_binding.sandbox.openhab.instance import Instance
from twilio_binding.sandbox.openhab.rest import bridge, events, items, links, rules, system, things, voice
from twilio_binding.sandbox.openhab.rest.answers import HTML, JSON, NO_SERVICE, Answer, Refused, Reply, empty, error
from twilio_binding.sandbox.openhab.rest.request import RestRequest
from twilio_binding.sandbox.openhab.rest.routes import Routes
from twilio_binding.sandbox.openhab.startup import Mode
from twilio_binding.sandbox.openhab.streams import Stream

_LOG = logging.getLogger(__name__)
_GZIP_FROM = 1024
_REASONS = {status.value: status.phrase for status in HTTPStatus} | {500: "Server Error"}
_RESOURCES = (items, links, rules, things, system, events, bridge, voice)
_VARY = ("Vary", "Accept-Encoding, User-Agent")
_SERVER = ("Server", "Jetty(9.4.58.v20250814)")
StartResponse = Callable[[str, list[tuple[str, str]]], object]


class Application:
    """Answers as openHAB does. The environ must contain `REQUEST_URI`, and the connection as `sandbox.connection`."""

    def __init__(self, instance: Instance) -> None:
        self._instance = instance
        self._routes = Routes(instance, itertools.chain.from_iterable(each.routes() for each in _RESOURCES))
        self.requests = 0

    def __call__(self, environ: dict[str, object], start_response: StartResponse) -> Iterable[bytes]:
        """Answer one request."""
        self.requests += 1
        request = RestRequest(environ)
        client: OpenHABClient = environ["sandbox.connection"]  # type: ignore[assignment]
        return self._instance.hooks.respond(
            request,
            client,
            lambda: self._answer(request),
            lambda reply: self._send(request, reply, client, start_response),
        )

    def _answer(self, request: RestRequest) -> Reply:
        try:
            return self._starting(request) or self._routes.answer(request)
        except Refused as refused:
            return refused.answer
        except Exception:
            _LOG.exception("sandbox.request_failed")
            return error(500, "The stand-in failed; see its log")

    def _starting(self, request: RestRequest) -> Answer | None:
        """The answer to a request while openHAB starts; None if the REST resources answer it."""
        mode = self._instance.startup.mode
        if mode in {Mode.OPEN, Mode.NO_HANDLERS}:
            return None
        if mode is Mode.NO_SERVICE:
            return Answer(status=404, body=NO_SERVICE, content_type=HTML)
        if mode is Mode.NO_USERS:
            if request.header("Authorization") or request.header("X-OPENHAB-TOKEN"):
                return error(401, "Invalid credentials")
            if request.path in {"/rest/", "/rest"} or request.path.startswith("/rest/events"):
                return None
        return empty(404)

    def _send(
        self, request: RestRequest, reply: Reply, client: OpenHABClient, start_response: StartResponse
    ) -> Iterable[bytes]:
        if isinstance(reply, Answer):
            return _finish(request, reply, start_response)
        try:
            if isinstance(reply, Stream):
                self._instance.hub.serve(reply, client)
            else:
                client.wait()
        except OSError:
            _LOG.debug("sandbox.client_gone")
        client.close()
        return []


def _finish(request: RestRequest, answer: Answer, start_response: StartResponse) -> Iterable[bytes]:
    headers = [("Content-Type", answer.content_type)] if answer.content_type else []
    if answer.varies:
        headers.append(_VARY)
        if len(answer.body) > _GZIP_FROM and "gzip" in request.header("Accept-Encoding"):
            answer = replace(answer, body=gzip.compress(answer.body, 1))
            headers.append(("Content-Encoding", "gzip"))
    start_response(status_line(answer), [*headers, *answer.headers, _SERVER])
    if request.method == "HEAD":
        return []
    # Without a length, the answer is sent chunked, as openHAB sends its JSON.
    return iter((answer.body,)) if answer.content_type in {JSON, HTML} and answer.body else [answer.body]


def status_line(answer: Answer) -> str:
    """Status code and reason phrase, as WSGI expects them."""
    return f"{answer.status} {_REASONS.get(answer.status, 'Unknown')}"
