"""A call that walks through TwiML, with somebody who types and speaks."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urljoin
from xml.etree.ElementTree import Element

from defusedxml.ElementTree import ParseError, fromstring

from twilio_binding.sandbox.twilio import forms
from twilio_binding.sandbox.twilio.webhooks import Exchange, Webhooks

_DOCUMENTS = 50
_XML = ("text/xml", "application/xml", "text/html")


class ApplicationError(Exception):
    """What a caller hears as "an application error has occurred"; `code` is Twilio's."""

    def __init__(self, code: int, reason: str) -> None:
        super().__init__(reason)
        self.code = code


@dataclass(slots=True)
class Walk:
    """What happened in one call."""

    said: list[str] = field(default_factory=list)
    played: list[str] = field(default_factory=list)
    requests: list[Exchange] = field(default_factory=list)
    error: int = 0
    reason: str = ""
    rejected: bool = False


class Phone:
    """One call. `script` has what is typed at each Gather that waits for it ("" for nothing; words are speech)."""

    def __init__(self, webhooks: Webhooks, call: dict[str, Any], script: list[str]) -> None:
        self._webhooks = webhooks
        self._call = call
        self._script = deque(script)
        self._url = ""
        self.walk = Walk()

    def fetch(self, url: str) -> None:
        """Walk from the document at a URL to the end of the call."""
        self._run(lambda: self._request(url, {}))

    def perform(self, document: str, url: str) -> None:
        """Walk from a document that came with the call."""
        self._url = url
        self._run(lambda: document)

    def _run(self, first: Any) -> None:  # noqa: ANN401
        try:
            document: str | None = first()
            for _ in range(_DOCUMENTS):
                if document is None:
                    return
                document = self._document(document)
        except ApplicationError as error:
            self.walk.error, self.walk.reason = error.code, str(error)
        else:
            self.walk.error, self.walk.reason = 14106, "too many documents"

    def _request(self, url: str, more: dict[str, str]) -> str:
        self._url = urljoin(self._url, url)
        exchange = self._webhooks.post(self._url, forms.call(self._call) | more)
        self.walk.requests.append(exchange)
        if exchange.error:
            raise ApplicationError(11205, exchange.error)
        if exchange.status != 200:
            raise ApplicationError(11200, f"status {exchange.status}")
        if not exchange.content_type.startswith(_XML):
            raise ApplicationError(12300, f"content type {exchange.content_type!r}")
        return exchange.answer

    def _document(self, text: str) -> str | None:
        """Carry out one document; the next one, or None at the end of the call."""
        try:
            root = fromstring(text.encode())
        except ParseError:
            raise ApplicationError(12100, "the document is not XML") from None
        if root.tag != "Response":
            raise ApplicationError(12100, "the root is not Response")
        for verb in root:
            over, following = self._verb(verb)
            if over:
                return following
        return None

    def _verb(self, verb: Element) -> tuple[bool, str | None]:
        match verb.tag:
            case "Say":
                self.walk.said.append("".join(verb.itertext()).strip())
            case "Play":
                self.walk.played.append((verb.text or "").strip())
            case "Pause":
                pass
            case "Gather":
                following = self._gather(verb)
                return following is not None, following
            case "Redirect":
                return True, self._request((verb.text or "").strip() or self._url, {})
            case "Reject":
                self.walk.rejected = True
                return True, None
            case "Hangup":
                return True, None
            case _:
                raise ApplicationError(12200, f"no verb {verb.tag}")
        return False, None

    def _gather(self, verb: Element) -> str | None:
        for prompt in verb:
            self._verb(prompt)
        if "numDigits" in verb.attrib and not verb.attrib["numDigits"].isdigit():
            raise ApplicationError(13313, "numDigits is no number")
        given = self._script.popleft() if self._script else ""
        kind = verb.get("input", "dtmf")
        fields: dict[str, str] = {}
        if given and not given.strip("0123456789*#ABCD") and "dtmf" in kind:
            digits = given.rstrip(verb.get("finishOnKey", "#") or "")
            limit = int(verb.get("numDigits", len(digits)))
            fields = {"Digits": digits[:limit], "FinishedOnKey": ""}
        elif given and "speech" in kind:
            fields = {"SpeechResult": given, "Confidence": "0.92", "Language": "en-US"}
        if not fields and verb.get("actionOnEmptyResult") != "true":
            return None
        return self._request(verb.get("action") or self._url, {"msg": "Gather End"} | (fields or {"Digits": ""}))
