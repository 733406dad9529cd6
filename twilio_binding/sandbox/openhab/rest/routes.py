"""The routes: which handler answers a path, and the role that it requires."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass

from twilio_binding.sandbox.openhab.instance import Instance
from twilio_binding.sandbox.openhab.rest.answers import ALLOW, Answer, Reply, empty, unknown_path, varying, wrong_method
from twilio_binding.sandbox.openhab.rest.request import RestRequest
from twilio_binding.sandbox.openhab.roles import Role

Handler = Callable[..., Reply]


@dataclass(frozen=True, slots=True)
class Route:
    """One method of one path. The groups of the pattern become arguments of the handler."""

    method: str
    pattern: re.Pattern[str]
    role: Role
    handler: Handler


class Routes:
    """All routes, by the first segment after `/rest/`."""

    def __init__(self, instance: Instance, routes: Iterable[Route]) -> None:
        self._instance = instance
        self._routes: dict[str, list[Route]] = {}
        for route in routes:
            self._routes.setdefault(route.pattern.pattern.partition("/")[0], []).append(route)

    def answer(self, request: RestRequest) -> Reply:
        """The answer of the resource. Raises `Refused` if the caller lacks the role, or if the request is wrong."""
        headers = request.header("X-OPENHAB-TOKEN"), request.header("Authorization")
        request.caller = self._instance.roles.caller(*headers)
        path = request.path.removeprefix("/rest").removeprefix("/")
        if path.count("/") == 1:
            path = path.removesuffix("/")
        known = False
        for route in self._routes.get(path.partition("/")[0], ()):
            found = route.pattern.fullmatch(path)
            if found is None:
                continue
            known = True
            if route.method == request.method or (route.method == "GET" and request.method == "HEAD"):
                self._instance.roles.demand(request.caller, route.role)
                return _finished(request, route.handler(self._instance, request, *found.groups()))
        if not known:
            return unknown_path()
        return Answer(status=200, headers=ALLOW) if request.method == "OPTIONS" else wrong_method()


def route(method: str, pattern: str, role: Role, handler: Handler) -> Route:
    """A route. In the pattern, `{item}` stands for an item name, and `{id}` for any segment."""
    expression = pattern.replace("{item}", r"([a-zA-Z_0-9]+)").replace("{id}", "([^/]+)")
    return Route(method, re.compile(expression), role, handler)


def _finished(request: RestRequest, reply: Reply) -> Reply:
    if not isinstance(reply, Answer) or request.method != "GET" or reply.status != 200:
        return reply
    if not request.accepts(reply.content_type):
        return empty(406)
    return varying(reply)
