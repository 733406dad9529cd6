"""openHAB's REST API: the calls that the service needs."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from twilio_binding.openhab.answers import OpenHABRefusedError
from twilio_binding.openhab.http import OpenHABRequests

ITEM_SECONDS = 2.0
"""Seconds for one item, because others wait behind it."""
TEXT = "text/plain"


class RestClient:
    """Calls REST. Methods raise `DependencyDownError` or `OpenHABRefusedError`.

    Links, things, rules and the system information need an administrator's token.
    """

    def __init__(self, requests: OpenHABRequests) -> None:
        self._requests = requests

    def root(self) -> dict[str, Any]:
        """The public information of openHAB, such as version and language."""
        return self._requests.send("GET", "/").decoded()

    def system(self) -> dict[str, Any]:
        """The system information of openHAB, such as the start level."""
        return dict(self._requests.send("GET", "/systeminfo").decoded().get("systemInfo") or {})

    def links(self) -> Iterator[dict[str, Any]]:
        """All item links, decoded one by one."""
        return self._requests.send("GET", "/links").entries()

    def things(self) -> list[dict[str, Any]]:
        """All things of Twilio, with their configuration."""
        listed = self._requests.send("GET", "/things").entries()
        return [thing for thing in listed if str(thing.get("thingTypeUID", "")).startswith("twilio:")]

    def rules(self) -> list[dict[str, Any]]:
        """All rules, with their triggers."""
        return list(self._requests.send("GET", "/rules").entries())

    def rule(self, uid: str) -> dict[str, Any] | None:
        """A rule; None if it does not exist, or while openHAB starts."""
        answer = self._requests.send("GET", f"/rules/{uid}")
        return None if answer.status == 404 else answer.decoded()

    def create_rule(self, rule: dict[str, Any]) -> None:
        """Create a rule."""
        self._requests.send("POST", "/rules", json.dumps(rule)).checked()

    def replace_rule(self, rule: dict[str, Any]) -> None:
        """Replace an existing rule."""
        self._requests.send("PUT", f"/rules/{rule['uid']}", json.dumps(rule)).checked()

    def run_rule(self, uid: str, text: str) -> None:
        """Run a rule now with an input. openHAB answers after the run, or immediately if it drops the run."""
        body = json.dumps({"input": text}, ensure_ascii=False)
        self._requests.post(f"/rules/{uid}/runnow", body).checked()

    def state(self, item: str) -> str:
        """The state of an item as text."""
        answer = self._requests.send("GET", f"/items/{item}/state", accept=TEXT, timeout=ITEM_SECONDS)
        return answer.checked().decode("utf-8", "replace")

    def put_state(self, item: str, state: str) -> None:
        """Set an item's state; openHAB applies it a moment later."""
        path = f"/items/{item}/state"
        try:
            self._requests.send("PUT", path, state, content_type=TEXT, timeout=ITEM_SECONDS).checked()
        except OpenHABRefusedError as refusal:
            if refusal.status == 400:
                raise OpenHABRefusedError("an item of its type cannot take it", status=400) from None
            raise
