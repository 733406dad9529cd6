"""How Twilio carries out the answer to an incoming message."""

from __future__ import annotations

from typing import Any
from xml.etree.ElementTree import Element

from twilio_binding.sandbox.twilio import traffic
from twilio_binding.sandbox.twilio.documents import ApplicationError, document_of
from twilio_binding.sandbox.twilio.resources import Resource
from twilio_binding.sandbox.twilio.webhooks import WebhookExchange
from twilio_binding.sandbox.twilio.world import World

_MOST = 10
_LONGEST = 1600


def carry_out(world: World, message: Resource, exchange: WebhookExchange) -> dict[str, Any]:
    """Send the messages in an answer. Returns their SIDs as `replies`, or the code and reason of an error."""
    if exchange.status in (200, 204) and not exchange.answer:
        return {"replies": [], "problem": 0, "reason": ""}
    try:
        texts = _texts(document_of(exchange, text_as="Message"))
    except ApplicationError as error:
        return {"replies": [], "problem": error.code, "reason": str(error)}
    sids = []
    for body, media in texts:
        form = {"From": message["to"], "To": message["from"], "Body": body}
        reply = world.new_message(form, media, "outbound-reply")
        traffic.deliver(world, reply)
        sids.append(reply["sid"])
    return {"replies": sids, "problem": 0, "reason": ""}


def _texts(root: Element) -> list[tuple[str, list[str]]]:
    found = []
    for verb in root:
        if verb.tag not in ("Message", "Sms"):
            raise ApplicationError(14110, f"{verb.tag} is not for messages")
        media = [(each.text or "").strip() for each in verb.iter("Media")]
        body = "".join(filter(None, [verb.text, *(each.text for each in verb.iter("Body"))])).strip()
        if (not body and not media) or len(body) > _LONGEST:
            raise ApplicationError(14103, "a reply is empty or too long")
        found.append((body, media))
    if len(found) > _MOST:
        raise ApplicationError(14109, "more than 10 replies")
    return found
