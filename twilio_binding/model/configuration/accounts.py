"""Creates accounts and phones from their configuration."""

from __future__ import annotations

from typing import cast

from twilio_binding.model import twiml
from twilio_binding.model.configuration.checks import (
    account_sid,
    api_key_sid,
    interpreter,
    normalised,
    phone_number,
    shared_key_id,
)
from twilio_binding.model.configuration.draft import Draft
from twilio_binding.model.configuration.parameters import Parameters
from twilio_binding.model.configuration.public_url import PublicURLError, read_public_url
from twilio_binding.model.numbers import doubt
from twilio_binding.model.things import Account, Phone, Strangers, WaitForRule
from twilio_binding.protocol.parameters import ACCOUNT, PHONE


def make_account(draft: Draft) -> Account:
    """An account."""
    given = draft.given
    if not draft.node.is_bridge:
        given.warn("", "an account must be a Bridge; write Bridge instead of Thing")
    public_url, login = _public_url(given)
    account = Account(
        uid=draft.uid,
        label=draft.node.label or ACCOUNT.label,
        account_sid=given.text("accountSid", check=account_sid),
        auth_token=given.text("authToken"),
        secondary_auth_token=given.text("secondaryAuthToken"),
        api_key_sid=given.text("apiKeySid", check=api_key_sid),
        api_key_secret=given.text("apiKeySecret"),
        shared_key_id=given.text("sharedKeyId", check=shared_key_id),
        shared_key_secret=given.text("sharedKeySecret"),
        public_url=public_url,
        public_login=login,
        auto_configure_webhooks=given.flag("autoConfigureWebhooks"),
        use_cloud_webhook=given.flag("useCloudWebhook"),
    )
    if bool(account.api_key_sid) != bool(account.api_key_secret):
        given.refuse("apiKeySid", "set both apiKeySid and apiKeySecret, or neither")
    if bool(account.shared_key_id) != bool(account.shared_key_secret):
        given.refuse("sharedKeyId", "set both sharedKeyId and sharedKeySecret, or neither")
    return account


def make_phone(draft: Draft) -> Phone:
    """A phone; make its account first."""
    given, account = draft.given, draft.account()
    number = read_number(given)
    defaults = Phone(uid=draft.uid, bridge=draft.bridge, phone_number=number)
    gather_url = defaults.callback_url(account.entry_url, "gather") if account else None
    return Phone(
        uid=draft.uid,
        label=draft.node.label or PHONE.label,
        bridge=defaults.bridge,
        phone_number=number,
        voice_greeting=_twiml(given, "voiceGreeting", defaults.voice_greeting, gather_url),
        gather_response=_twiml(given, "gatherResponse", defaults.gather_response, gather_url),
        response_timeout=given.number("responseTimeout"),
        wait_for_rule=cast("WaitForRule", given.choice("waitForRule")),
        commands=given.flag("commands"),
        menu=given.flag("menu"),
        speech=given.flag("speech"),
        interpreter=given.text("interpreter", check=interpreter),
        strangers=cast("Strangers", given.choice("strangers")),
    )


def read_number(given: Parameters) -> str:
    """The number in E.164 form."""
    written = given.text("phoneNumber", check=phone_number)
    number = normalised(written)
    reason = doubt(number)
    if reason:
        given.warn("phoneNumber", reason)
    return number


def _public_url(given: Parameters) -> tuple[str, str]:
    """The public URL, and the user and password in it."""
    url, login = "", ""
    try:
        url, login = read_public_url(text) if (text := given.text("publicUrl")) else ("", "")
    except PublicURLError as error:
        given.refuse("publicUrl", str(error))
    return url, login


def _twiml(given: Parameters, name: str, default: str, gather_url: str | None) -> str:
    """The TwiML that a caller hears if no rule answers; invalid TwiML is replaced."""
    text = given.text(name)
    try:
        document = twiml.check(text) if text else default
        twiml.check_filled(document, gather_url)
    except twiml.TwimlError as error:
        given.warn(name, f"{error}; callers hear the built-in TwiML instead")
        return default
    return document
