"""One recipient of a stored request, with everything needed to send to them."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import Self
from urllib.parse import quote

from twilio_binding.model import actions, twiml
from twilio_binding.model.limits import kind_of
from twilio_binding.model.things import Account, Phone, Things
from twilio_binding.outgoing.ports import Booking, Part
from twilio_binding.protocol.errors import Refusal
from twilio_binding.protocol.requests import Request

_PATIENCE = 60.0
"""Seconds for which a send without a deadline is retried if Twilio certainly did not accept it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SendPart:
    """One recipient of a request, with everything needed to send to them.

    `give_up` is when to stop trying (seconds since 1970; for an alarm, its end). `sender` is our number in Twilio's
    form. `booking` is how the send counts for the limits. `twin` is what distinguishes sends at Twilio, whose list of
    calls has no texts. `callback` is where Twilio reports the status, with the id of the request.
    """

    request: Request
    part: Part
    action: actions.Send
    account: Account
    phone: Phone
    give_up: float
    sender: str
    is_call: bool
    booking: Booking
    twin: tuple[str, str, str]
    callback: str | None

    @classmethod
    def of(
        cls, request: Request, part: Part, action: actions.Send, account: Account, phone: Phone, *, started: float
    ) -> Self:
        """What is known before the recipient's turn; `started` is in seconds since 1970."""
        number = phone.phone_number
        sender, text, is_call = number, "", True
        if isinstance(action, actions.SendMessage):
            sender, text, is_call = f"whatsapp:{number}" if action.whatsapp else number, action.body, False
        url = phone.callback_url(account.entry_url, "status")
        booking = Booking(
            request=request.id,
            part=part.number,
            account=str(account.uid),
            phone=str(phone.uid),
            recipient=part.to,
            kind=kind_of(is_call=is_call, emergency=action.emergency, alarm=action.alarm),
        )
        return cls(
            request=request,
            part=part,
            action=action,
            account=account,
            phone=phone,
            give_up=math.inf if action.alarm else action.not_after or request.deadline or started + _PATIENCE,
            sender=sender,
            is_call=is_call,
            booking=booking,
            twin=(number, part.to, text),
            callback=url and f"{url}?request={quote(request.id, safe='')}",
        )

    def renewed(self, things: Things) -> Self:
        """The same with the current configuration of phone and account; unchanged if they no longer exist."""
        phone = things.phones.get(self.phone.uid)
        account = things.accounts.get(phone.bridge) if phone else None
        if phone is None or account is None:
            return self
        made = self.of(self.request, self.part, self.action, account, phone, started=0.0)
        return replace(made, give_up=self.give_up)

    @property
    def has_template(self) -> bool:
        """Whether a template is sent instead of the text."""
        return isinstance(self.action, actions.SendMessage) and bool(self.action.template)

    @property
    def plain(self) -> Self:
        """The same without a template."""
        action = self.action
        return replace(self, action=replace(action, template="")) if isinstance(action, actions.SendMessage) else self

    def filled(self) -> actions.Send:
        """The action with its placeholders filled in; raises `Refusal` if the result is not usable TwiML."""
        action = self.action
        if (
            not isinstance(action, actions.MakeCall)
            or not action.is_template
            or not twiml.has_placeholder(action.twiml)
        ):
            return action
        gather_url = self.phone.callback_url(self.account.entry_url, "gather")
        if gather_url is None:
            raise Refusal(
                "no_public_url",
                f"{self.account.uid} has no publicUrl, so there is no URL for {{gatherUrl}}",
                retryable=self.account.use_cloud_webhook,
            )
        return replace(action, twiml=twiml.check_filled_inline(action.twiml, gather_url))
