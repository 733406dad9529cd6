"""Twilio's REST API through its SDK: sends, calls, and looks up their outcome."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import UTC, datetime
from functools import partial
from typing import TYPE_CHECKING, Any

from twilio_binding.errors import TwilioError
from twilio_binding.model.actions import MakeCall, Send, SendMessage
from twilio_binding.model.things import Account, Phone
from twilio_binding.outgoing.ports import Sent
from twilio_binding.twilio_api.clients import Clients
from twilio_binding.twilio_api.meanings import asking

if TYPE_CHECKING:
    from twilio.rest.api.v2010.account.message import MessageInstance

_NOT_ANSWERED = "twilio.21220"
_TELLING = 3
"""Length of a variable, in characters, that is enough to recognise a text by it."""
_CALL_EVENTS = ["initiated", "ringing", "answered", "completed"]


class TwilioGateway:
    """Sends for all accounts."""

    def __init__(self, clients: Clients) -> None:
        self._clients = clients
        self.now = clients.clock.now
        """Twilio's clock in seconds since 1970, as far as it is known."""

    def send(self, account: Account, phone: Phone, send: Send, to: str, *, callback: str | None) -> Sent:
        """Send one message or make one call; raises `TwilioError` or `OutcomeUnknownError`."""
        wanted: dict[str, Any] = {"to": to, "from_": _sender(phone, send)}
        client = self._clients.of(account)
        if callback is not None:
            wanted |= {"status_callback": callback}
        if isinstance(send, MakeCall):
            if callback is not None:
                wanted |= {"status_callback_event": _CALL_EVENTS, "status_callback_method": "POST"}
            if send.alarm and callback is not None:
                # The message begins immediately, so a person need not wait until the detection has finished.
                wanted |= {"machine_detection": "DetectMessageEnd", "async_amd": "true"}
                wanted |= {"async_amd_status_callback": callback, "async_amd_status_callback_method": "POST"}
            call = asking(partial(client.calls.create, twiml=send.twiml, **wanted))
            return Sent(sid=str(call.sid), status=str(call.status))
        if send.template:
            wanted |= {"content_sid": send.template, "content_variables": send.variables}
        elif send.body:
            wanted["body"] = send.body
        if send.media:
            wanted["media_url"] = [account.with_login(url) for url in send.media]
        message = asking(partial(client.messages.create, **wanted))
        return _sent_message(message)

    def find(self, account: Account, phone: Phone, send: Send, to: str, *, since: float) -> Sequence[Sent]:
        """Twilio's records of such messages or calls since a time (of Twilio's clock), oldest first."""
        client = self._clients.of(account)
        # Twilio filters by day and stores whole seconds; and before its first answer, the clock was ours.
        earliest = datetime.fromtimestamp(since - 30, UTC)
        if isinstance(send, MakeCall):
            calls = asking(lambda: client.calls.list(to=to, from_=phone.phone_number, limit=50))
            found = [call for call in calls if (call.date_created or earliest) >= earliest]
            return [Sent(sid=str(call.sid), status=str(call.status)) for call in reversed(found)]
        messages = asking(lambda: client.messages.list(to=to, from_=_sender(phone, send), limit=50))
        found = [message for message in messages if _is_like(message, send, earliest)]
        return [_sent_message(message) for message in reversed(found)]

    def hang_up(self, account: Account, call_sid: str, *, saying: str = "") -> None:
        """End a call; if it is answered, after TwiML that says why. Raises `TwilioError` or `OutcomeUnknownError`."""
        call = self._clients.of(account).calls(call_sid)
        if saying:
            try:
                asking(lambda: call.update(twiml=saying))
            except TwilioError as error:
                if error.code != _NOT_ANSWERED:
                    raise
            else:
                return
        asking(lambda: call.update(status="completed"))


def _sender(phone: Phone, send: Send) -> str:
    is_whatsapp = isinstance(send, SendMessage) and send.whatsapp
    return f"whatsapp:{phone.phone_number}" if is_whatsapp else phone.phone_number


def _is_like(message: MessageInstance, send: SendMessage, earliest: datetime) -> bool:
    created, body = message.date_created or earliest, message.body or ""
    is_text = body == send.body or (bool(send.template) and _is_filled(body, send.variables))
    return created >= earliest and is_text and message.direction != "inbound"


def _is_filled(body: str, variables: str) -> bool:
    """Whether a text may be a template filled with these variables; only Twilio knows the template itself."""
    given = [str(value) for value in json.loads(variables).values()]
    telling = [value for value in given if len(value) >= _TELLING] or given
    return not telling or any(value in body for value in telling)


def _sent_message(message: MessageInstance) -> Sent:
    segments = str(message.num_segments or "")
    return Sent(
        sid=str(message.sid), status=str(message.status), segments=int(segments) if segments.isdigit() else None
    )
