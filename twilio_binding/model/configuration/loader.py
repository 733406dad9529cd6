"""Loads and checks things."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field

from twilio_binding.model.alarms import Alarm
from twilio_binding.model.configuration.accounts import make_account, make_phone
from twilio_binding.model.configuration.checks import normalised
from twilio_binding.model.configuration.draft import Draft, bridge_of
from twilio_binding.model.configuration.nodes import ThingNode
from twilio_binding.model.configuration.parameters import Parameters
from twilio_binding.model.configuration.problem import Problem
from twilio_binding.model.contacts import Contact
from twilio_binding.model.things import Account, BrokenThing, Phone, Things
from twilio_binding.model.uids import BadUIDError, ThingUID
from twilio_binding.protocol.parameters import ACCOUNT, BINDING, PHONE, ThingType
from twilio_binding.protocol.thing_types import THING_TYPES, type_of

_SHORT = re.compile(rf"({'|'.join(known.id for known in THING_TYPES)}):[^:]+\Z")


def _make_contact(draft: Draft) -> Contact:
    from twilio_binding.model.configuration.contacts import make_contact

    return make_contact(draft)


def _make_alarm(draft: Draft) -> Alarm:
    from twilio_binding.model.configuration.alarms import make_alarm

    return make_alarm(draft)


_MAKERS = {"account": make_account, "phone": make_phone, "contact": _make_contact, "alarm": _make_alarm}


def load_things(nodes: Iterable[ThingNode]) -> tuple[Things, list[Problem]]:
    """The usable things among `nodes`, and all problems. A faulty thing never affects the others."""
    loading = _Loading()
    nodes = list(nodes)
    ours = [node for node in nodes if node.uid.startswith(f"{BINDING}:")]
    # In this order, because each type refers to earlier ones.
    for thing_type in (*THING_TYPES, None):
        for node in ours:
            if type_of(node.uid) is thing_type:
                loading.add(node, thing_type)
    loading.find_fallbacks()
    for node in nodes:
        loading.notice_short_form(node)
    return loading.things, [problem for given in loading.given for problem in given.problems]


@dataclass(slots=True)
class _Loading:
    accounts: dict[str, Account] = field(default_factory=dict)
    phones: dict[str, Phone] = field(default_factory=dict)
    contacts: dict[str, Contact] = field(default_factory=dict)
    alarms: dict[str, Alarm] = field(default_factory=dict)
    broken: list[BrokenThing] = field(default_factory=list)
    given: list[Parameters] = field(default_factory=list)
    seen: dict[str, ThingNode] = field(default_factory=dict)
    drafts: dict[str, Draft] = field(default_factory=dict)

    @property
    def things(self) -> Things:
        """The things made so far."""
        return Things(
            accounts=self.accounts,
            phones=self.phones,
            contacts=self.contacts,
            alarms=self.alarms,
            broken=tuple(self.broken),
        )

    def add(self, node: ThingNode, thing_type: ThingType | None) -> None:
        """Add the thing of a node if it can be used."""
        first = self.seen.setdefault(node.uid, node)
        given = Parameters(node, thing_type.by_name if thing_type and first is node else None)
        self.given.append(given)
        if first is not node:
            given.refuse("", f"duplicate UID; the thing in {first.place} is used")
            return
        try:
            uid = ThingUID(node.uid)
            if thing_type is None:
                names = [known.uid for known in THING_TYPES]
                known = f"{', '.join(names[:-1])} and {names[-1]}"
                given.refuse("", f"unknown thing type {uid.thing_type}; use {known}")
            else:
                self._make(Draft(uid=uid, node=node, given=given, things=self.things), thing_type)
        except BadUIDError as error:
            given.refuse("", str(error))
        if given.reason:
            self._break(node, given.reason, thing_type)

    def find_fallbacks(self) -> None:
        """Resolve the fallbacks of contacts, when all contacts are known."""
        if not self.contacts:
            return
        from twilio_binding.model.configuration.contacts import with_fallback

        for uid, contact in self.contacts.items():
            self.contacts[uid] = with_fallback(self.drafts[uid], contact, self.contacts)

    def notice_short_form(self, node: ThingNode) -> None:
        """Warn of `Thing phone p` on its own, which openHAB ignores, because no bridge says whose phone it is."""
        if _SHORT.match(node.uid):
            given = Parameters(node)
            given.warn("", f"the thing is not inside a bridge, so write the full UID: twilio:{node.uid}")
            self.given.append(given)

    def _make(self, draft: Draft, thing_type: ThingType) -> None:
        made = _MAKERS[thing_type.id](draft)
        if draft.given.reason:
            return
        self.drafts[draft.uid] = draft
        match made:
            case Account():
                self.accounts[draft.uid] = made
            case Phone():
                self.phones[draft.uid] = made
            case Contact():
                self.contacts[draft.uid] = made
            case Alarm():
                self.alarms[draft.uid] = made

    def _break(self, node: ThingNode, reason: str, thing_type: ThingType | None) -> None:
        number = next((one.values for one in node.parameters if one.name == "phoneNumber"), ())
        written = str(number[0]).strip() if number and thing_type is PHONE else ""
        self.broken.append(
            BrokenThing(
                uid=node.uid,
                label=node.label or node.uid,
                bridge=node.bridge or (bridge_of(node) if thing_type not in (ACCOUNT, None) else ""),
                reason=reason,
                phone_number=normalised(written) or written,
            )
        )
