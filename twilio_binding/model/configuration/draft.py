"""A thing that is being created: its configuration, and the things created before it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol, TypeVar

from twilio_binding.model.configuration.nodes import ThingNode
from twilio_binding.model.configuration.parameters import Parameters
from twilio_binding.model.things import Account, Things
from twilio_binding.model.uids import ThingUID
from twilio_binding.protocol.parameters import ACCOUNT, BINDING


class BridgedThing(Protocol):
    """A thing of an account."""

    @property
    def uid(self) -> ThingUID:
        """Its UID."""

    @property
    def bridge(self) -> ThingUID:
        """The UID of its account."""


_Bridged = TypeVar("_Bridged", bound=BridgedThing)

_LONGEST_LABEL = 80
"""Maximum length of a label in texts and calls, so that there is room for what they are about."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Draft:
    """The input for a thing; `things` are those made before."""

    uid: ThingUID
    node: ThingNode
    given: Parameters
    things: Things

    @property
    def label(self) -> str:
        """Its label in one line, without the end of a long one; its ID if it has none."""
        label = " ".join((self.node.label or "").split()) or self.uid.id
        return label if len(label) <= _LONGEST_LABEL else f"{label[: _LONGEST_LABEL - 3].rstrip()}..."

    @property
    def bridge(self) -> ThingUID:
        """The UID of its account, as written or in its own UID; its own UID if neither is there."""
        return ThingUID(bridge_of(self.node) or self.uid)

    def account(self) -> Account | None:
        """Its account; refuses the thing if the account cannot be used."""
        bridge = bridge_of(self.node)
        if bridge not in self.things.accounts:
            known = self._is_broken(bridge)
            self.given.refuse("", f"the bridge {bridge or '-'} {'cannot be used' if known else 'is not configured'}")
        return self.things.accounts.get(bridge)

    def find(self, written: str, among: Mapping[str, _Bridged]) -> _Bridged | None:
        """The thing with this UID, or with this ID in the same account; None if there is none."""
        if ":" in written:
            return among.get(written)
        return next((one for one in among.values() if one.uid.id == written and one.bridge == self.bridge), None)

    def missing(self, kind: str, written: str) -> str:
        """Why a named thing cannot be found."""
        is_broken = self._is_broken(written if ":" in written else f"{BINDING}:{kind}:{self.bridge.id}:{written}")
        return f"the {kind} {written} cannot be used" if is_broken else f"unknown {kind} {written}"

    def _is_broken(self, uid: str) -> bool:
        return any(thing.uid == uid for thing in self.things.broken)


def bridge_of(node: ThingNode) -> str:
    """The written account, or the one in the thing's UID: twilio:phone:<account>:<id>."""
    segments = node.uid.split(":")
    return node.bridge or (f"{ACCOUNT.uid}:{segments[2]}" if len(segments) == 4 else "")
