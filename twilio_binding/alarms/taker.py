"""Handles what comes in for alarms: keys in calls, replies by text, and status callbacks."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from twilio_binding.alarms.keys import AlarmKeys
from twilio_binding.alarms.replies import AlarmReplies, Written
from twilio_binding.alarms.statuses import AlarmStatuses
from twilio_binding.incoming.ports import Taken
from twilio_binding.model import twiml
from twilio_binding.model.contacts import Contact
from twilio_binding.model.events import Webhook, message_sid
from twilio_binding.model.things import Phone

_BY = "alarm"


class AlarmTaker:
    """Takes messages, calls and status callbacks. `is_asked` returns whether a text answers another question."""

    def __init__(
        self,
        keys: AlarmKeys,
        replies: AlarmReplies,
        statuses: AlarmStatuses,
        is_asked: Callable[[Contact, Sequence[str]], bool],
    ) -> None:
        self._keys = keys
        self._replies = replies
        self._statuses = statuses
        self._is_asked = is_asked

    def message(self, webhook: Webhook, phone: Phone) -> Taken | None:
        """Handle a text of a contact that answers an alarm, also with the button of a WhatsApp message."""
        del phone
        contact, said = webhook.contact, webhook.said
        if contact is None:
            return None
        written = Written(
            contact=contact,
            said=said,
            sid=message_sid(webhook.fields),
            replied_to=webhook.fields.get("OriginalRepliedMessageSid", ""),
        )
        answer = self._replies.answer(written, is_asked=lambda: self._is_asked(contact, said))
        if answer is None:
            return None
        return Taken(twiml=twiml.message(answer), by=_BY)

    def call(self, webhook: Webhook, phone: Phone, gather_url: str | None) -> Taken | None:
        """Handle keys in a call about an alarm, or the call of a contact while an alarm is open."""
        del phone
        if webhook.endpoint == "voice":
            return self._new_call(webhook, gather_url)
        answer = self._keys.answer(webhook, gather_url)
        return None if answer is None else Taken(twiml=answer, by=_BY)

    def _new_call(self, webhook: Webhook, gather_url: str | None) -> Taken | None:
        """Handle a call of a contact; a rule may answer first if the phone always waits for rules."""
        contact = webhook.contact
        is_ours = webhook.fields.get("Direction", "").startswith("outbound")
        answer = self._keys.called(contact, gather_url) if contact and gather_url and not is_ours else None
        return Taken(by=_BY, answer=answer, yields_to_rules=True) if answer else None

    def status(self, webhook: Webhook) -> bool:
        """Handle a status callback of an alarm's send."""
        return self._statuses.note(webhook)
