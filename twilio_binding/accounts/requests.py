"""Requests about accounts and numbers: search for new numbers, set webhooks, restore them."""

from __future__ import annotations

from collections.abc import Callable

from twilio_binding.accounts.discovery import Discovery
from twilio_binding.accounts.number_webhooks import ConfigureNumber
from twilio_binding.masking import mask_logins
from twilio_binding.model.statuses import Status
from twilio_binding.model.things import Account, Phone, ThingsSource
from twilio_binding.protocol.errors import Refusal
from twilio_binding.protocol.replies import Reply
from twilio_binding.protocol.requests import Request

NAMES = ("discover", "configureWebhooks", "restoreWebhooks")
"""The requests: the first is for an account, the others for a phone. None has arguments."""


class AccountRequests:
    """Carries out requests about accounts and numbers. `tell` gets the new status of a phone."""

    def __init__(
        self,
        things: ThingsSource,
        *,
        discovery: Discovery,
        numbers: ConfigureNumber,
        tell: Callable[[Account, Phone, Status], None],
    ) -> None:
        self._things = things
        self._discovery = discovery
        self._numbers = numbers
        self._tell = tell

    def carry_out(self, request: Request) -> Reply:
        """The reply to a request; asks Twilio. Raises `TwilioBindingError`."""
        if request.args:
            raise Refusal("bad_argument", f"{request.action} takes no arguments")
        return Reply(id=request.id, ok=True, result=self._result(request))

    def _result(self, request: Request) -> dict[str, object]:
        things = self._things.current()
        if request.action == "discover":
            return {"inbox": self._discovery.look(things.account(request.thing))}
        phone = things.phone(request.thing)
        account = things.account_of(phone)
        if request.action == "restoreWebhooks":
            restored = {name: mask_logins(value) for name, value in self._numbers.restore(account, phone).items()}
            self._tell(account, phone, self._numbers.check(account, phone))
            return {"restored": restored}
        return self._set(account, phone)

    def _set(self, account: Account, phone: Phone) -> dict[str, object]:
        if not account.auto_configure_webhooks:
            raise Refusal("not_allowed", f"autoConfigureWebhooks of {account.uid} is off")
        if account.base_url is None:
            raise Refusal("no_public_url", f"{account.uid} has no publicUrl, so Twilio cannot reach the service")
        status = self._numbers.set_again(account, phone)
        self._tell(account, phone, status)
        if not status.is_online:
            raise Refusal("not_set", status.text)
        return {"text": status.text}
