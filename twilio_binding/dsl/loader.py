"""From what a `.things` file says to accounts and phones, checked."""

from __future__ import annotations

import difflib
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Literal, cast

from twilio_binding.dsl.nodes import ParameterNode, Place, Scalar, ThingNode
from twilio_binding.model.numbers import BadNumberError, parse_e164
from twilio_binding.model.things import Account, BrokenThing, Phone, Things, WaitForRule
from twilio_binding.model.uids import BadUIDError, ThingUID

ACCOUNT = "twilio:account"
PHONE = "twilio:phone"

_SID = re.compile(r"AC[0-9a-fA-F]{32}\Z")
_KEY = re.compile(r"SK[0-9a-fA-F]{32}\Z")


@dataclass(frozen=True, slots=True, kw_only=True)
class Problem:
    """What is wrong with a thing, and where it says so."""

    severity: Literal["error", "warning"]
    place: Place
    thing: str
    parameter: str
    text: str

    def __str__(self) -> str:
        """One line for people."""
        about = f"{self.thing}: {self.parameter}: " if self.parameter else f"{self.thing}: "
        return f"{self.place}: {self.severity}: {about}{self.text}"


class _ThingError(Exception):
    """The thing cannot be used; the reason is what its status shows."""


def load_things(nodes: Iterable[ThingNode]) -> tuple[Things, list[Problem]]:
    """The usable things among `nodes`, and all that is wrong. A bad thing never touches the others."""
    loading = _Loading()
    ours = [node for node in nodes if node.uid.startswith("twilio:")]
    for node in ours:
        if _type(node) == ACCOUNT:
            loading.add(node, loading.account)
    for node in ours:
        if _type(node) != ACCOUNT:
            loading.add(node, loading.phone)
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
    seen: set[str] = field(default_factory=set)

    def add(self, node: ThingNode, build: Callable[[ThingNode, ThingUID], None]) -> None:
        try:
            uid = ThingUID(node.uid)
            if uid in self.seen:
                self._fail(node, "", "there is another thing of this UID; the first one is used")
                return
            self.seen.add(uid)
            build(node, uid)
        except BadUIDError as error:
            self._fail(node, "", str(error))
        except _ThingError as error:
            self.broken.append(
                BrokenThing(uid=node.uid, label=node.label or node.uid, bridge=node.bridge or "", reason=str(error))
            )

    def account(self, node: ThingNode, uid: ThingUID) -> None:
        """Add the account of a node."""
        if not node.is_bridge:
            self._warn(node, "", "an account is a Bridge; write Bridge instead of Thing")
        given = _Parameters(self, node, _ACCOUNT_PARAMETERS)
        sid = given.text("accountSid", required="Account SID is required")
        if not _SID.match(sid):
            hint = "replace the example by the SID of your account" if "x" in sid else "it is AC and 32 hex digits"
            self._stop(node, "accountSid", f"this is no Account SID; {hint}")
        key = given.text("apiKeySid")
        if key and not _KEY.match(key):
            self._stop(node, "apiKeySid", "this is no API key SID; it is SK and 32 hex digits")
        if bool(key) != bool(given.text("apiKeySecret")):
            self._stop(node, "apiKeySid", "apiKeySid and apiKeySecret belong together")
        url = given.text("publicUrl").rstrip("/")
        if url and not re.match(r"https?://[^\s/?#]+(/[^\s?#]*)?\Z", url):
            self._stop(node, "publicUrl", "this is no base URL; it has the form https://my.domain.com")
        self.accounts[uid] = Account(
            uid=uid,
            label=node.label or "Twilio Account",
            account_sid=sid,
            auth_token=given.text("authToken", required="Auth Token is required"),
            secondary_auth_token=given.text("secondaryAuthToken"),
            api_key_sid=key,
            api_key_secret=given.text("apiKeySecret"),
            public_url=url,
            auto_configure_webhooks=given.flag("autoConfigureWebhooks", default=True),
            use_cloud_webhook=given.flag("useCloudWebhook", default=False),
        )

    def phone(self, node: ThingNode, uid: ThingUID) -> None:
        """Add the phone of a node."""
        if uid.thing_type != PHONE:
            self._stop(node, "", f"there is no thing type {uid.thing_type}; there are {ACCOUNT} and {PHONE}")
        bridge = node.bridge or _bridge_of(uid)
        if bridge not in self.accounts:
            known = any(thing.uid == bridge for thing in self.broken)
            self._stop(node, "", f"its bridge {bridge or '-'} {'cannot be used' if known else 'is not configured'}")
        given = _Parameters(self, node, _PHONE_PARAMETERS)
        number = given.text("phoneNumber", required="Phone number is required")
        try:
            parse_e164(number)
        except BadNumberError as error:
            self._stop(node, "phoneNumber", str(error))
        defaults = Phone(uid=uid, bridge=ThingUID(bridge), phone_number=number)
        wait = given.text("waitForRule") or "auto"
        if wait not in ("auto", "always", "never"):
            self._stop(node, "waitForRule", "it is auto, always or never")
        self.phones[uid] = Phone(
            uid=uid,
            label=node.label or defaults.label,
            bridge=defaults.bridge,
            phone_number=number,
            voice_greeting=given.text("voiceGreeting") or defaults.voice_greeting,
            gather_response=given.text("gatherResponse") or defaults.gather_response,
            response_timeout=given.number("responseTimeout", default=defaults.response_timeout, lowest=1, highest=14),
            wait_for_rule=cast("WaitForRule", wait),
        )

    def _stop(self, node: ThingNode, parameter: str, text: str) -> None:
        self._fail(node, parameter, text)
        raise _ThingError(text)

    def _fail(self, node: ThingNode, parameter: str, text: str) -> None:
        place = _place(node, parameter)
        self.problems.append(Problem(severity="error", place=place, thing=node.uid, parameter=parameter, text=text))

    def _warn(self, node: ThingNode, parameter: str, text: str) -> None:
        place = _place(node, parameter)
        self.problems.append(Problem(severity="warning", place=place, thing=node.uid, parameter=parameter, text=text))


_ACCOUNT_PARAMETERS = (
    "accountSid",
    "authToken",
    "publicUrl",
    "autoConfigureWebhooks",
    "useCloudWebhook",
    "apiKeySid",
    "apiKeySecret",
    "secondaryAuthToken",
)
_PHONE_PARAMETERS = ("phoneNumber", "voiceGreeting", "gatherResponse", "responseTimeout", "waitForRule")


class _Parameters:
    """The parameters of one thing, by name."""

    def __init__(self, loading: _Loading, node: ThingNode, known: tuple[str, ...]) -> None:
        self._loading, self._node = loading, node
        self._given: Mapping[str, ParameterNode] = {parameter.name: parameter for parameter in node.parameters}
        for name in (name for name in self._given if name not in known):
            close = difflib.get_close_matches(name, known, n=1)
            hint = f"; did you mean {close[0]}?" if close else ""
            loading._warn(node, name, f"there is no such parameter{hint}")  # noqa: SLF001 - one thing in two classes

    def text(self, name: str, *, required: str = "") -> str:
        value = self._value(name)
        if isinstance(value, bool):
            self._loading._stop(self._node, name, "this must be a text in quotes")  # noqa: SLF001
        text = "" if value is None else str(value).strip()
        if required and not text:
            self._loading._stop(self._node, name, required)  # noqa: SLF001
        return text

    def flag(self, name: str, *, default: bool) -> bool:
        value = self._value(name)
        if isinstance(value, str) and value.lower() in ("true", "false"):
            value = value.lower() == "true"
        if value is not None and not isinstance(value, bool):
            self._loading._stop(self._node, name, "this must be true or false")  # noqa: SLF001
        return default if value is None else bool(value)

    def number(self, name: str, *, default: int, lowest: int, highest: int) -> int:
        value = self._value(name)
        if isinstance(value, str) and re.fullmatch(r"-?\d{1,9}", value.strip()):
            value = int(value)
        if isinstance(value, float) and value.is_integer():
            value = int(value)
        if value is None:
            return default
        if isinstance(value, bool) or not isinstance(value, int) or not lowest <= value <= highest:
            self._loading._stop(self._node, name, f"this must be a whole number from {lowest} to {highest}")  # noqa: SLF001
        return int(value)

    def _value(self, name: str) -> Scalar | None:
        parameter = self._given.get(name)
        if parameter is None:
            return None
        if len(parameter.values) != 1:
            self._loading._stop(self._node, name, "this must be one value, not a list")  # noqa: SLF001
        return parameter.values[0]


def _bridge_of(uid: ThingUID) -> str:
    """The account that a phone's own UID names: twilio:phone:<account>:<id>."""
    segments = uid.split(":")
    return f"{ACCOUNT}:{segments[2]}" if len(segments) == 4 else ""


def _place(node: ThingNode, parameter: str) -> Place:
    return next((given.place for given in node.parameters if given.name == parameter), node.place)
