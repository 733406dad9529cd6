"""Tests event stream and relay rule without changing openHAB."""

from __future__ import annotations

import threading
from typing import Any, Literal

from twilio_binding.errors import DependencyDownError
from twilio_binding.openhab.delivery.relay_rule import RelayRule
from twilio_binding.openhab.delivery.relay_text import rule, script_of
from twilio_binding.openhab.event_stream import EventStream
from twilio_binding.openhab.http import OpenHABRequests
from twilio_binding.openhab.registries.rules import RULE_UID
from twilio_binding.openhab.rest import RestClient
from twilio_binding.settings import OpenHABSettings

RuleState = Literal["missing", "disabled", "broken", "other secret", "other version", "good"]


class _BriefStream(EventStream):
    silence = 6.0


class OpenHABTrial:
    """Uses the secret of a service, "" if it is unknown. Raises `DependencyDownError` and `OpenHABRefusedError`."""

    def __init__(self, server: OpenHABSettings, secret: str) -> None:
        self._server = server
        self._secret = secret
        self._requests = OpenHABRequests(server)
        self.rest = RestClient(self._requests)

    def close(self) -> None:
        """Close the connections."""
        self._requests.close()

    def stream(self, *, run_rule: bool = False) -> str:
        """Open the event stream and, if `run_rule`, check that a run of the relay rule appears there; returns why not, "" if it does."""
        opened, over = threading.Event(), threading.Event()
        reasons: list[str] = []
        relay = RelayRule(self.rest, self._secret)

        def followed(topic: str, payload: str) -> None:
            if topic.startswith(relay.confirmations.topic):
                relay.confirmations.follow(topic, payload)

        def lost(reason: str) -> None:
            reasons.append(reason)
            over.set()
            opened.set()

        stream = _BriefStream(self._server, on_open=opened.set, on_event=followed, on_lost=lost)
        stream.start()
        try:
            if not opened.wait(_BriefStream.silence + 1):
                return "openHAB accepts the request for the event stream but does not answer it"
            if over.is_set():
                return reasons[0]
            if run_rule:
                relay.probe()
        except DependencyDownError as error:
            return str(error)
        finally:
            stream.stop()
        return ""

    def rule(self) -> tuple[RuleState, str]:
        """The state of the relay rule, and its status in openHAB."""
        found = self.rest.rule(RULE_UID)
        if found is None:
            return "missing", ""
        shown: dict[str, Any] = found.get("status") or {}
        status = " ".join(filter(None, (str(shown.get("status", "")), str(shown.get("statusDetail", "")))))
        if shown.get("statusDetail") == "DISABLED":
            return "disabled", status
        if shown.get("status") not in ("IDLE", "RUNNING"):
            return "broken", ": ".join(filter(None, (status, str(shown.get("description", "")).strip())))
        script = str(script_of(found))
        if not self._secret or self._secret not in script:
            return "other secret", status
        ours = (script_of(rule(self._secret, sets_states=sets)) for sets in (True, False))
        return ("good" if script in ours else "other version"), status
