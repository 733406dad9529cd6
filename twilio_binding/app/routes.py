"""Routes requests to use cases and their threads."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from twilio_binding.accounts import requests as account_requests
from twilio_binding.accounts.requests import AccountRequests
from twilio_binding.incoming.answers import RESPOND, CallAnswers
from twilio_binding.media.requests import ITEM, SOURCE, MediaRequests
from twilio_binding.outgoing.requests import Begin, RequestRoute
from twilio_binding.protocol import alarm, contact
from twilio_binding.protocol.replies import Reply
from twilio_binding.protocol.requests import Request
from twilio_binding.workers import Workers

_MOST_WAITING = 200
"""Maximum number of waiting requests for pictures, and of those about accounts."""


def routes(
    answers: CallAnswers,
    media: MediaRequests,
    accounts: AccountRequests | None = None,
    alarms: Callable[[Request], Reply] | None = None,
    contacts: Begin | None = None,
) -> Mapping[str, RequestRoute]:
    """The routes of all requests that are not sends."""
    items = Workers(8, most=_MOST_WAITING, what="requests for pictures of items")
    sources = Workers(4, most=_MOST_WAITING, what="requests for pictures of sources")
    found = {
        RESPOND: RequestRoute(answers.carry_out),
        ITEM: RequestRoute(media.carry_out, items),
        SOURCE: RequestRoute(media.carry_out, sources),
    }
    if alarms is not None:
        about_alarms = Workers(4, most=_MOST_WAITING, what="requests about alarms")
        found |= {name: RequestRoute(alarms, about_alarms, never_late=True) for name in alarm.NAMES}
    if accounts is not None:
        about_accounts = Workers(2, most=_MOST_WAITING, what="requests about accounts and webhooks")
        found |= {name: RequestRoute(accounts.carry_out, about_accounts) for name in account_requests.NAMES}
    if contacts is not None:
        found |= {name: RequestRoute(begin=contacts) for name in contact.NAMES}
    return found
