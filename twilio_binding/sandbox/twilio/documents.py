"""How Twilio reads the answer to a webhook: as a TwiML document, a text, or an error."""

from __future__ import annotations

from xml.etree.ElementTree import Element, ParseError, SubElement

from defusedxml import DefusedXmlException
from defusedxml.ElementTree import fromstring

from twilio_binding.sandbox.twilio.webhooks import WebhookExchange

_XML = ("text/xml", "application/xml", "text/html")
_LARGEST = 64 * 1024


class ApplicationError(Exception):
    """An error after which the caller hears "an application error has occurred". `code` is Twilio's error code."""

    def __init__(self, code: int, reason: str) -> None:
        super().__init__(reason)
        self.code = code


def document_of(exchange: WebhookExchange, *, text_as: str) -> Element:
    """The TwiML document in the answer to a webhook. Plain text becomes a document with the verb `text_as`."""
    if exchange.error:
        raise ApplicationError(11205, exchange.error)
    if not 200 <= exchange.status < 300:
        raise ApplicationError(11200, f"status {exchange.status}")
    if len(exchange.answer.encode()) > _LARGEST:
        raise ApplicationError(11750, "the answer is larger than 64 kB")
    kind = exchange.content_type.partition(";")[0].strip().lower()
    if kind in _XML:
        return parse(exchange.answer)
    if kind == "text/plain":
        return _plain(exchange.answer, text_as)
    if kind.startswith("audio/"):
        return _single("Play", exchange.url)
    raise ApplicationError(12300, f"content type {exchange.content_type!r}")


def parse(text: str) -> Element:
    """The TwiML document in `text`. Raises `ApplicationError` 12100 if it is none."""
    try:
        root: Element = fromstring(text.encode(), forbid_dtd=True)
    except ParseError:
        raise ApplicationError(12100, "the document is not XML") from None
    except DefusedXmlException:
        raise ApplicationError(12100, "the document has a document type") from None
    if root.tag != "Response":
        raise ApplicationError(12100, "the root is not Response")
    return root


def _plain(text: str, verb: str) -> Element:
    try:
        return parse(text)
    except ApplicationError:
        return _single(verb, text)


def _single(verb: str, text: str) -> Element:
    root = Element("Response")
    SubElement(root, verb).text = text
    return root
