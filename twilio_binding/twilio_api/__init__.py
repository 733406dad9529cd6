"""Twilio's REST API: sends and look-ups, accounts, numbers and their webhooks.

Requests, and the meaning of their answers, belong here; whether and when to ask does not. Only this package uses Twilio's SDK.
"""

from twilio_binding.twilio_api.account_facts import AccountFacts, MessageState, TwilioAccounts
from twilio_binding.twilio_api.clients import Clients
from twilio_binding.twilio_api.gateway import TwilioGateway
from twilio_binding.twilio_api.numbers import TwilioNumbers

__all__ = [
    "AccountFacts",
    "Clients",
    "MessageState",
    "TwilioAccounts",
    "TwilioGateway",
    "TwilioNumbers",
]
