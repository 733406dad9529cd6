"""Requests to the phone of a contact."""

from __future__ import annotations

from twilio_binding.model import twiml
from twilio_binding.model.actions import CONTACT_CALL
from twilio_binding.model.contact_actions import ContactSend
from twilio_binding.model.contacts import Contact
from twilio_binding.model.languages import spoken
from twilio_binding.protocol.requests import Request


def request_for(contact: Contact, send: ContactSend, request_id: str, *, language: str) -> Request:
    """The request; a call is spoken in `language`, with the contact's voice."""
    if send.kind == "call":
        document = twiml.speech(send.text, contact.voice, spoken(language))
        args: dict[str, object] = {"to": contact.phone_number, "twiml": document}
        return Request(thing=contact.phone, action=CONTACT_CALL, args=args, id=request_id)
    args = {"to": contact.phone_number, "message": send.text}
    if send.media:
        args["mediaUrl"] = send.media
    action = "sendWhatsApp" if contact.via == "whatsapp" else "sendSMS"
    return Request(thing=contact.phone, action=action, args=args, id=request_id)
