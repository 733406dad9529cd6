"""One recipient of a stored request, and what it takes to send to them."""

from __future__ import annotations

from dataclasses import dataclass, replace
from urllib.parse import quote

from twilio_binding.model import actions, twiml
from twilio_binding.model.limits import kind_of
from twilio_binding.model.things import Account, Phone
from twilio_binding.outgoing.ports import Booking, Part
from twilio_binding.protocol.errors import Refusal
from twilio_binding.protocol.requests import Request

_PATIENCE = 60.0
"""Seconds for which a send without a deadline is tried again when Twilio certainly did not take it."""


@dataclass(frozen=True, slots=True)
class Job:
    """One recipient of a request, and what it takes to send to them."""

    request: Request
    part: Part
    action: actions.Send
    account: Account
    phone: Phone
    started: float

    @property
    def give_up(self) -> float:
        """When there is no use in trying any longer, in seconds since 1970."""
        return self.action.not_after or self.request.deadline or self.started + _PATIENCE

    @property
    def sender(self) -> str:
        """Our address as Twilio writes it."""
        is_whatsapp = isinstance(self.action, actions.SendMessage) and self.action.whatsapp
        return f"whatsapp:{self.phone.phone_number}" if is_whatsapp else self.phone.phone_number

    @property
    def is_call(self) -> bool:
        """Whether it is a call."""
        return isinstance(self.action, actions.MakeCall)

    @property
    def booking(self) -> Booking:
        """How it counts towards the limits."""
        return Booking(
            request=self.request.id,
            part=self.part.number,
            account=str(self.account.uid),
            phone=str(self.phone.uid),
            recipient=self.part.to,
            kind=kind_of(is_call=self.is_call, emergency=self.action.emergency),
        )

    @property
    def twin(self) -> tuple[str, str, str]:
        """What Twilio tells sends apart by: of calls it does not list what they say."""
        text = self.action.body if isinstance(self.action, actions.SendMessage) else ""
        return self.phone.phone_number, self.part.to, text

    @property
    def callback(self) -> str | None:
        """Where Twilio tells what becomes of it; the request's id comes back with that."""
        url = self.phone.callback_url(self.account.entry_url, "status")
        return url and f"{url}?request={quote(self.request.id, safe='')}"

    def filled(self) -> actions.Send:
        """The action with its placeholders filled in; raises `Refusal` where that makes no TwiML that works."""
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
                f"{self.account.uid} has no publicUrl, so {{gatherUrl}} has no address that takes the keys",
                retryable=self.account.use_cloud_webhook,
            )
        try:
            return replace(action, twiml=twiml.check_filled_inline(action.twiml, gather_url))
        except twiml.TwimlError as error:
            raise Refusal(error.code, str(error)) from None
