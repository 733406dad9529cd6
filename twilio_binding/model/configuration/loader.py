"""From what is said of things to accounts and phones, checked."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import cast

from twilio_binding.model import twiml
from twilio_binding.model.configuration.checks import account_sid, api_key_sid, normalised, phone_number, shared_key_id
from twilio_binding.model.configuration.nodes import ThingNode
from twilio_binding.model.configuration.parameters import Parameters
from twilio_binding.model.configuration.problem import Problem
from twilio_binding.model.configuration.public_url import PublicURLError, read_public_url
from twilio_binding.model.numbers import doubt
from twilio_binding.model.things import Account, BrokenThing, Phone, Things, WaitForRule
from twilio_binding.model.uids import BadUIDError, ThingUID
from twilio_binding.protocol.parameters import ACCOUNT as ACCOUNT_TYPE
from twilio_binding.protocol.parameters import PHONE as PHONE_TYPE
from twilio_binding.protocol.parameters import Parameter

ACCOUNT, PHONE = ACCOUNT_TYPE.uid, PHONE_TYPE.uid

_SHORT = re.compile(r"(account|phone):[^:]+\Z")


def load_things(nodes: Iterable[ThingNode]) -> tuple[Things, list[Problem]]:
    """The usable things among `nodes`, and all that is wrong. A bad thing never touches the others."""
    loading = _Loading()
    nodes = list(nodes)
    ours = [node for node in nodes if node.uid.startswith("twilio:")]
    for node in ours:
        if _type(node) == ACCOUNT:
            loading.add(node, loading.account, ACCOUNT_TYPE.by_name)
    for node in ours:
        if _type(node) != ACCOUNT:
            loading.add(node, loading.phone, PHONE_TYPE.by_name if _type(node) == PHONE else None)
    for node in nodes:
        loading.notice_short_form(node)
    things = Things(accounts=loading.accounts, phones=loading.phones, broken=tuple(loading.broken))
    return things, loading.problems


def _type(node: ThingNode) -> str:
    return ":".join(node.uid.split(":")[:2])


@dataclass(slots=True)
class _Loading:
    accounts: dict[str, Account] = field(default_factory=dict)
    phones: dict[str, Phone] = field(default_factory=dict)
    broken: list[BrokenThing] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)
    seen: dict[str, ThingNode] = field(default_factory=dict)

    def add(
        self,
        node: ThingNode,
        build: Callable[[ThingUID, ThingNode, Parameters], None],
        known: Mapping[str, Parameter] | None,
    ) -> None:
        """Add the thing of a node where it can be used; `build` adds it only when nothing is refused."""
        given = Parameters(node, known)
        first = self.seen.setdefault(node.uid, node)
        if first is not node:
            given = Parameters(node)
            given.refuse("", f"there is another thing of this UID in {first.place}; that one is used")
        else:
            try:
                build(ThingUID(node.uid), node, given)
            except BadUIDError as error:
                given.refuse("", str(error))
            if given.reason:
                self._break(node, given.reason)
        self.problems += given.problems

    def account(self, uid: ThingUID, node: ThingNode, given: Parameters) -> None:
        """Add an account."""
        if not node.is_bridge:
            given.warn("", "an account is a Bridge; write Bridge instead of Thing")
        public_url, login = _public_url(given)
        account = Account(
            uid=uid,
            label=node.label or ACCOUNT_TYPE.label,
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
            given.refuse("apiKeySid", "apiKeySid and apiKeySecret belong together")
        if bool(account.shared_key_id) != bool(account.shared_key_secret):
            given.refuse("sharedKeyId", "sharedKeyId and sharedKeySecret belong together")
        if not given.reason:
            self.accounts[uid] = account

    def phone(self, uid: ThingUID, node: ThingNode, given: Parameters) -> None:
        """Add a phone; its account must have been added before."""
        if uid.thing_type != PHONE:
            given.refuse("", f"there is no thing type {uid.thing_type}; there are {ACCOUNT} and {PHONE}")
            return
        bridge = node.bridge or _bridge_of(uid)
        if bridge not in self.accounts:
            known = any(thing.uid == bridge for thing in self.broken)
            given.refuse("", f"its bridge {bridge or '-'} {'cannot be used' if known else 'is not configured'}")
        number = _phone_number(given)
        defaults = Phone(uid=uid, bridge=ThingUID(bridge or uid), phone_number=number)
        account = self.accounts.get(bridge)
        gather_url = defaults.callback_url(account.entry_url, "gather") if account else None
        phone = Phone(
            uid=uid,
            label=node.label or PHONE_TYPE.label,
            bridge=defaults.bridge,
            phone_number=number,
            voice_greeting=_twiml(given, "voiceGreeting", defaults.voice_greeting, gather_url),
            gather_response=_twiml(given, "gatherResponse", defaults.gather_response, gather_url),
            response_timeout=given.number("responseTimeout"),
            wait_for_rule=cast("WaitForRule", given.choice("waitForRule")),
        )
        if not given.reason:
            self.phones[uid] = phone

    def notice_short_form(self, node: ThingNode) -> None:
        """Warn of `Thing phone p` on its own, of which openHAB makes nothing: no bridge says whose phone it is."""
        if _SHORT.match(node.uid):
            given = Parameters(node)
            given.warn("", f"it stands in no bridge, so its UID must be whole: twilio:{node.uid}")
            self.problems += given.problems

    def _break(self, node: ThingNode, reason: str) -> None:
        number = next((one.values for one in node.parameters if one.name == "phoneNumber"), ())
        written = str(number[0]).strip() if number else ""
        self.broken.append(
            BrokenThing(
                uid=node.uid,
                label=node.label or node.uid,
                bridge=node.bridge or (_bridge_of(node.uid) if _type(node) == PHONE else ""),
                reason=reason,
                phone_number=normalised(written) or written,
            )
        )


def _public_url(given: Parameters) -> tuple[str, str]:
    """The public URL, and the user and password that the way to it asks for."""
    url, login = "", ""
    try:
        url, login = read_public_url(text) if (text := given.text("publicUrl")) else ("", "")
    except PublicURLError as error:
        given.refuse("publicUrl", str(error))
    return url, login


def _phone_number(given: Parameters) -> str:
    """The number in E.164 form, however it is written."""
    written = given.text("phoneNumber", check=phone_number)
    number = normalised(written)
    reason = doubt(number)
    if reason:
        given.warn("phoneNumber", reason)
    return number


def _twiml(given: Parameters, name: str, default: str, gather_url: str | None) -> str:
    """What a caller hears when no rule answers; never TwiML that Twilio would not take."""
    text = given.text(name)
    try:
        document = twiml.check(text) if text else default
        twiml.check_filled(document, gather_url)
    except twiml.TwimlError as error:
        given.warn(name, f"{error}; callers get the built-in one")
        return default
    return document


def _bridge_of(uid: str) -> str:
    """The account that a phone's own UID names: twilio:phone:<account>:<id>."""
    segments = uid.split(":")
    return f"{ACCOUNT}:{segments[2]}" if len(segments) == 4 else ""
