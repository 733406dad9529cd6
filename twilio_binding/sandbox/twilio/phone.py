"""A call that carries out TwiML."""

from __future__ import annotations

from urllib.parse import urljoin, urlsplit
from xml.etree.ElementTree import Element

from twilio_binding.sandbox.twilio import forms
from twilio_binding.sandbox.twilio.documents import ApplicationError, document_of, parse
from twilio_binding.sandbox.twilio.interruption import Document, HungUpError, Interruption, ReplacedError
from twilio_binding.sandbox.twilio.party import CallParty
from twilio_binding.sandbox.twilio.resources import Resource
from twilio_binding.sandbox.twilio.signing import Form
from twilio_binding.sandbox.twilio.verbs import Verbs
from twilio_binding.sandbox.twilio.walk import Walk
from twilio_binding.sandbox.twilio.world import World

_DOCUMENTS = 50


class _Address:
    """The URL of the current document. Relative URLs are relative to it."""

    def __init__(self) -> None:
        self.url = ""

    def absolute(self, url: str) -> str:
        """A URL in TwiML as an absolute URL. "" means the current document."""
        absolute = urljoin(self.url, url.strip()) if url.strip() else self.url
        if urlsplit(absolute).scheme not in ("http", "https"):
            raise ApplicationError(11100, "a URL in TwiML that came with the call must be absolute")
        return absolute


class PhoneCall:
    """One call. `party` hears, presses keys and speaks in it."""

    def __init__(self, world: World, call: Resource, party: CallParty) -> None:
        self.world = world
        self.call = call
        self.walk = Walk()
        self._webhooks = world.webhooks
        self._background = world.background
        self.party = party
        self._address = _Address()
        self.interruption = Interruption()
        self._verbs = Verbs(self)

    def fetch(self, url: str, method: str = "POST") -> None:
        """Carry out the document at a URL, until the end of the call."""
        first = forms.ringing if self.call["direction"] == "inbound" else forms.call
        self._run(lambda: self._fetched(url, first(self.call), method))

    def perform(self, document: str) -> None:
        """Carry out a document that came with the call, until the end of the call."""
        self._run(lambda: parse(document))

    def hang_up(self) -> None:
        """End the call at its next step."""
        self.interruption.set(None)

    def go_on_with(self, document: str, url: str) -> None:
        """Continue with a TwiML document, or with the answer of a URL."""
        self._address.url = ""
        following = (lambda: self._fetched(url, forms.call(self.call), "POST")) if url else lambda: parse(document)
        self.interruption.set(following)

    def wait(self, seconds: float) -> None:
        """Wait, with the time multiplied by `pace`. Raises `HungUpError` or `ReplacedError` if the call is interrupted."""
        self.interruption.wait(seconds * self.world.conduct.pace)

    def request(self, url: str, more: Form, method: str = "POST") -> Element:
        """The document that an action or redirect answers. "" means the URL of the current document."""
        return self._fetched(url, forms.call(self.call) | more, method)

    def tell(self, url: str, form: Form) -> None:
        """Send the status callback of a verb, and ignore the answer."""
        if url:
            self._webhooks.post(self._address.absolute(url), form)

    def _fetched(self, url: str, form: Form, method: str) -> Element:
        self._address.url = self._address.absolute(url)
        if method.upper() not in ("GET", "POST"):
            raise ApplicationError(11100, f"method {method}")
        exchange = self._webhooks.post(self._address.url, form, method=method.upper())
        self.walk.requests.append(exchange)
        self.interruption.check()
        return document_of(exchange, text_as="Say")

    def _run(self, first: Document) -> None:
        following: Document | None = first
        self._background.calls[self.call["sid"]] = self
        try:
            for _ in range(_DOCUMENTS):
                if following is None:
                    return
                following = self._carried_out(following)
            self.walk.fail(14106, "too many documents")
        except HungUpError:
            self.walk.ended = "hung up"
        except ApplicationError as error:
            self.walk.fail(error.code, str(error))
        finally:
            self._background.calls.pop(self.call["sid"], None)

    def _carried_out(self, document: Document) -> Document | None:
        try:
            root = document()
            if self.call["status"] == "ringing" and (not len(root) or root[0].tag != "Reject"):
                self.call["status"] = "in-progress"
            following = self._verbs.document(root)
        except ReplacedError:
            return self.interruption.take()
        return None if following is None else lambda: following
