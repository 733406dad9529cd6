"""Lists in pages, filtered by the query."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import UTC, date, datetime
from email.utils import parsedate_to_datetime
from typing import Any
from urllib.parse import urlencode

from flask import Response, jsonify, request

from twilio_binding.sandbox.twilio import failures
from twilio_binding.sandbox.twilio.resources import PRIVATE, Resource
from twilio_binding.sandbox.twilio.world import World

_LARGEST = 1000
_DEFAULT = 50
_PAGING = ("Page", "PageSize", "PageToken")


def shown(resource: Resource) -> dict[str, Any]:
    """A resource as the REST API shows it."""
    is_number = "phone_number" in resource
    return {name: value for name, value in resource.items() if is_number or name not in PRIVATE}


def found(resources: Iterable[Resource], sid: str) -> Resource:
    """The resource with this SID. Raises `FailureError` if there is none."""
    for each in tuple(resources):
        if each["sid"] == sid:
            return each
    raise failures.NOT_FOUND


def matching(resources: Iterable[Resource], exact: dict[str, str], dates: dict[str, str]) -> list[Resource]:
    """The resources that match the query. `exact` and `dates` map parameters to fields of the resource."""
    kept = list(resources)
    for parameter, name in exact.items():
        wanted = request.args.get(parameter)
        if wanted:
            kept = [each for each in kept if each[name] == wanted]
    for parameter, name in dates.items():
        for sign, holds in _SIGNS.items():
            wanted = request.args.get(parameter + sign)
            if wanted:
                limit = _moment(wanted)
                kept = [each for each in kept if each[name] and holds(_like(limit, each[name]), limit)]
    return kept


_SIGNS: dict[str, Callable[[Any, Any], bool]] = {
    "": lambda value, limit: bool(value == limit),
    "<": lambda value, limit: bool(value <= limit),
    ">": lambda value, limit: bool(value >= limit),
}


def _moment(text: str) -> date:
    """A date, or a `datetime` if the text contains a time. Raises `FailureError` for any other text."""
    try:
        return datetime.fromisoformat(text).astimezone(UTC) if "T" in text else date.fromisoformat(text)
    except ValueError:
        raise failures.BAD_PARAMETER from None


def _like(limit: date, rfc2822: str) -> date:
    moment = parsedate_to_datetime(rfc2822)
    return moment if isinstance(limit, datetime) else moment.date()


def page(world: World, name: str, resources: list[Resource]) -> Response:
    """One page of a list. Its token names the last entry of the previous page, so that new entries shift nothing."""
    size = _number("PageSize", _DEFAULT)
    if not 1 <= size <= _LARGEST:
        raise failures.BAD_PARAMETER
    size = min(size, world.conduct.page_limit)
    number = _number("Page", 0)
    start = _after(resources, request.args.get("PageToken", "")) if number else 0
    on_page = resources[start : start + size]
    has_more = len(resources) > start + size
    return jsonify(
        {
            name: [shown(each) for each in on_page],
            "page": number,
            "page_size": size,
            "start": start,
            "end": start + max(len(on_page) - 1, 0),
            "uri": _uri(number, size, request.args.get("PageToken", "")),
            "first_page_uri": _uri(0, size, ""),
            "previous_page_uri": None,
            "next_page_uri": _uri(number + 1, size, "PA" + on_page[-1]["sid"]) if has_more else None,
        }
    )


def _number(name: str, default: int) -> int:
    text = request.args.get(name, str(default))
    if not text.isascii() or not text.isdigit():
        raise failures.BAD_PARAMETER
    return int(text)


def _after(resources: list[Resource], token: str) -> int:
    for n, each in enumerate(resources):
        if token == "PA" + each["sid"]:
            return n + 1
    raise failures.BAD_PARAMETER


def _uri(number: int, size: int, token: str) -> str:
    given = {name: value for name, value in request.args.items() if name not in _PAGING}
    more = {"PageSize": str(size), "Page": str(number)} | ({"PageToken": token} if token else {})
    return f"{request.path}?{urlencode(given | more)}"
