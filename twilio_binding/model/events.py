"""What a webhook means: its states, its trigger, and which earlier webhooks are the same."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal

from twilio_binding.model import payloads
from twilio_binding.model.contacts import Contact

Endpoint = Literal["sms", "whatsapp", "voice", "gather", "status"]
CALL_STATUS = "last-call-status"
"""The channel with the status of the newest call."""
ENDPOINTS: frozenset[str] = frozenset(("sms", "whatsapp", "voice", "gather", "status"))

_RINGING = 600.0
"""Seconds after which no call is ringing any more."""
_LONGEST_CALL = 86_400.0
"""Seconds after which Twilio ends every call."""
_NO_QUERY: Mapping[str, str] = {}


@dataclass(frozen=True, slots=True, kw_only=True)
class Webhook:
    """A verified request of Twilio.

    `fields` are its parameters (the first value of repeated ones), `query` the ones in our own callback URL. `token` is
    Twilio's idempotency token, "" if there is none; it is not signed. `signature` is the verified signature, and `form`
    a digest of the parsed request. `contact` is the sender, None for a stranger.
    """

    thing: str
    endpoint: Endpoint
    fields: Mapping[str, str]
    query: Mapping[str, str] = field(default_factory=lambda: _NO_QUERY)
    token: str = ""
    signature: str = ""
    form: str = ""
    contact: Contact | None = None

    @property
    def said(self) -> tuple[str, ...]:
        """The possible meanings of a message, the most likely first: the payload of a pressed button, then the text."""
        found = (self.fields.get(name, "") for name in ("ButtonPayload", "Body", "ButtonText"))
        return tuple(dict.fromkeys(text for text in found if text.strip()))


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """An event for openHAB and MQTT: states in order, then the trigger (channel "" for none).

    `lifetime` is how long the trigger is worth firing, in seconds. `sid_key` and `token_key` are "" if unknown; two
    events that share one of them are the same. `call_sid` is that of the call whose status is among the states. An
    event with the same `signature_key` may arrive again for `repeatable_for` seconds if its `form` is the same.
    `counter` is a channel whose state grows by one, or is set to a number; it is added to the states when the event is
    stored. `sender` is who wrote or called, "" for nobody.
    """

    thing: str
    states: tuple[tuple[str, str], ...] = ()
    channel: str = ""
    payload: str = ""
    urgent: bool = False
    lifetime: float
    sid_key: str = ""
    token_key: str = ""
    call_sid: str = ""
    signature_key: str = ""
    form: str = ""
    repeatable_for: float = 0.0
    counter: tuple[str, int | None] | None = None
    sender: str = ""


def message_event(webhook: Webhook, now: datetime, *, lifetime: float, handled_by: str = "") -> Event:
    """The event of an incoming text, picture or WhatsApp message; `now` must have a time zone."""
    fields = webhook.fields
    sender = fields.get("From", "")
    states = (
        ("last-message-body", fields.get("Body", "")),
        ("last-message-from", sender),
        ("last-message-date", date_state(now)),
        ("last-message-sid", fields.get("MessageSid", "")),
        ("last-message-media-url", fields.get("MediaUrl0", "")),
    )
    return Event(
        thing=webhook.thing,
        states=states,
        channel="whatsapp-received" if sender.startswith("whatsapp:") else "sms-received",
        payload=payloads.message(fields, handled_by=handled_by),
        lifetime=lifetime,
        sid_key=_key("message", webhook.thing, message_sid(fields)),
        token_key=_token_key(webhook),
        signature_key=_signature_key(webhook),
        form=webhook.form,
        sender=sender,
    )


def call_event(webhook: Webhook, now: datetime, *, lifetime: float, handled_by: str = "") -> Event:
    """The event of an incoming call that waits for its answer."""
    fields = webhook.fields
    states = (
        ("last-call-from", fields.get("From", "")),
        (CALL_STATUS, fields.get("CallStatus", "")),
        ("last-call-date", date_state(now)),
    )
    payload = payloads.call(fields, handled_by=handled_by)
    return _urgent(webhook, states, "call-received", payload, lifetime)


def gather_event(webhook: Webhook, *, lifetime: float, handled_by: str = "") -> Event:
    """The event of keys pressed or words spoken in a call that waits for its answer."""
    states = (("last-dtmf-digits", webhook.fields.get("Digits", "")),)
    payload = payloads.digits(webhook.fields, menu=webhook.query.get("menu", ""), handled_by=handled_by)
    return _urgent(webhook, states, "dtmf-received", payload, lifetime)


def status_event(webhook: Webhook, *, lifetime: float) -> Event | None:
    """The event of a status callback; None if it concerns neither a message nor a call."""
    fields, request_id = webhook.fields, webhook.query.get("request", "")
    states: tuple[tuple[str, str], ...] = ()
    if "MessageSid" in fields:
        status, sid = fields.get("MessageStatus", ""), fields["MessageSid"]
        channel = "message-status"
        payload = payloads.message_status(fields, request_id=request_id)
    elif "CallSid" in fields:
        status, sid = fields.get("CallStatus", ""), fields["CallSid"]
        channel, states = "call-status-update", ((CALL_STATUS, status),)
        payload = payloads.call_status(fields, request_id=request_id)
    else:
        return None
    return Event(
        thing=webhook.thing,
        states=states,
        channel=channel,
        payload=payload,
        lifetime=lifetime,
        sid_key=_status_key(webhook, sid, status),
        token_key=_token_key(webhook),
        signature_key=_signature_key(webhook),
        form=webhook.form,
        call_sid=sid if states else "",
    )


def message_sid(fields: Mapping[str, str]) -> str:
    """The SID of a message, which Twilio sends under up to three names; very old requests have only the older ones."""
    return fields.get("MessageSid") or fields.get("SmsMessageSid") or fields.get("SmsSid", "")


def date_state(moment: datetime) -> str:
    """A time in the form of openHAB's DateTime states, with milliseconds and offset."""
    return moment.isoformat(timespec="milliseconds")


def _urgent(
    webhook: Webhook, states: tuple[tuple[str, str], ...], channel: str, payload: str, lifetime: float
) -> Event:
    return Event(
        thing=webhook.thing,
        states=states,
        channel=channel,
        payload=payload,
        urgent=True,
        lifetime=lifetime,
        token_key=_token_key(webhook),
        signature_key=_signature_key(webhook),
        form=webhook.form,
        call_sid=webhook.fields.get("CallSid", ""),
        repeatable_for=_RINGING if webhook.fields.get("CallStatus") == "ringing" else _LONGEST_CALL,
        sender=webhook.fields.get("From", "") if webhook.endpoint == "voice" else "",
    )


def _status_key(webhook: Webhook, sid: str, status: str) -> str:
    fields = webhook.fields
    # A recording or transcription of the same call has the same SID, and no status.
    about = [fields.get(name, "") for name in ("SequenceNumber", "RecordingSid", "TranscriptionSid", "AnsweredBy")]
    return _key("status", webhook.thing, sid, status, *about) if sid else ""


def _token_key(webhook: Webhook) -> str:
    return _key("token", webhook.thing, webhook.endpoint, webhook.token) if webhook.token else ""


def _signature_key(webhook: Webhook) -> str:
    return f"signature\n{webhook.signature}" if webhook.signature else ""


def _key(kind: str, thing: str, *parts: str) -> str:
    return "\n".join((kind, thing, *parts)) if any(parts) else ""
