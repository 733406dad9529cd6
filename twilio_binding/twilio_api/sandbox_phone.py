"""The sandbox's phone: writes texts, makes and takes calls, presses keys and speaks."""

from __future__ import annotations

import base64
import threading
import time
from collections.abc import Mapping, Sequence
from typing import Any, cast
from urllib.parse import quote, urlsplit

import requests

from twilio_binding.errors import TwilioError
from twilio_binding.model.content_types import Media

_PATIENCE = 60.0
_LOOK = 2.0
_AGAIN = 10.0
"""Seconds after which the service checks again whether there is a sandbox."""
_TWILIO = ".twilio.com"
_GONE = "the sandbox does not answer; start it again with: twilio-binding sandbox"


class SandboxPhone:
    """The phone of the stand-in at `api_url`. Methods that do something raise `TwilioError`."""

    def __init__(self, api_url: str) -> None:
        self._url = f"{api_url.rstrip('/')}/sandbox"
        self._is_twilio = (urlsplit(api_url).hostname or "").endswith(_TWILIO)
        self._lock = threading.Lock()
        self._seen = (-_AGAIN, False)

    def is_there(self) -> bool:
        """Whether Twilio is the sandbox's; Twilio itself is never asked."""
        with self._lock:
            at, found = self._seen
            if time.monotonic() - at > _AGAIN:
                try:
                    found = "options" in self._ask("GET", "options", timeout=_LOOK)
                except TwilioError:
                    found = False
                self._seen = (time.monotonic(), found)
        return found

    def write(self, sender: str, to: str, text: str, picture: Media | None) -> str:
        """Send a message to a number of the account; returns what was wrong with the answer, "" if nothing was."""
        files = [(base64.b64encode(picture.content).decode(), picture.content_type)] if picture else []
        told = self._ask("POST", "receive", {"from": sender, "to": to, "body": text, "files": files})
        return str(told.get("problem") or "")

    def call(self, sender: str, to: str) -> str:
        """Call a number of the account; returns the SID of the call."""
        return str(self._ask("POST", "live", {"from": sender, "to": to})["sid"])

    def ring_here(self, number: str) -> None:
        """Let calls to a number ring on the phone from now on."""
        self._ask("POST", "live/phones", {"number": number})

    def ringing(self) -> Sequence[Mapping[str, str]] | None:
        """The calls that ring: `sid`, `from` and `to`; None if there is no sandbox, or it has just stopped."""
        if not self.is_there():
            return None
        try:
            found: Sequence[Mapping[str, str]] = self._ask("GET", "live", timeout=_LOOK)["calls"]
        except TwilioError:
            return None
        return found

    def state(self, sid: str, *, since: int = -1, wait: float = 0.0) -> dict[str, Any]:
        """What was heard in a call, and the input it waits for; after `wait` seconds, or when there is more than `since`."""
        return self._ask("GET", f"live/{quote(sid)}?since={since}&wait={wait}")

    def act(self, sid: str, *, keys: str = "", words: str = "", hang_up: bool = False, answer: bool = False) -> None:
        """Answer, press keys, say something, or hang up."""
        given = {"keys": keys, "words": words, "hang_up": hang_up, "answer": answer}
        self._ask("POST", f"live/{quote(sid)}", given)

    def _ask(self, method: str, path: str, body: object = None, *, timeout: float = _PATIENCE) -> dict[str, Any]:
        if self._is_twilio:
            raise TwilioError("no_sandbox", "there is no sandbox; the service uses Twilio")
        try:
            with requests.Session() as session:
                session.trust_env = False
                answer = session.request(method, f"{self._url}/{path}", json=body, timeout=timeout)
                told = answer.json()
        except (requests.RequestException, ValueError):
            raise TwilioError("no_sandbox", _GONE) from None
        if answer.status_code != 200 or not isinstance(told, dict):
            reason = told.get("error", "") if isinstance(told, dict) else ""
            raise TwilioError("sandbox", f"the sandbox refuses that: {reason}")
        return cast("dict[str, Any]", told)
