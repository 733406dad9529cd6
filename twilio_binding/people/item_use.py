"""Carries out commands of contacts, reads states and undoes commands; everything is recorded."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial

import structlog

from twilio_binding.errors import DependencyDownError
from twilio_binding.masking import mask_text
from twilio_binding.model.contacts import Contact
from twilio_binding.model.sentences.catalogue import Catalogue, catalogue
from twilio_binding.model.sentences.differences import worked_out
from twilio_binding.model.sentences.items import ReachableItem, ReachableItems
from twilio_binding.model.sentences.states import (
    ItemState,
    can_be_undone,
    can_follow,
    has_effect,
    quantity,
    shown,
    value_shown,
)
from twilio_binding.people.item_lists import values_of
from twilio_binding.people.item_ports import CommandBook, CommandResult, CommandWay, ItemCommandEntry, ItemsOfOpenHAB
from twilio_binding.people.undone import partly_told, restored
from twilio_binding.protocol.errors import TwilioBindingError

_log = structlog.get_logger(__name__)

_EFFECT = 3.0
"""Seconds to wait for the effect of a command, because somebody waits for the reply."""
_UNDO = 3600.0
_JUST = 300.0
"""Seconds for which "brighter" means the item that was commanded before."""
_UNKNOWN = ItemState(value="NULL")
_NOT_SHOWN = "(text)"
"""What is recorded instead of a command that is free text."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ItemUser:
    """Who uses items, through which phone and how.

    `is_proven`: the number is not forged, because the caller's network has signed for it, the service called it, or it
    is that of a WhatsApp account.
    """

    contact: Contact
    phone: str
    way: CommandWay
    language: str
    is_proven: bool = False

    @property
    def texts(self) -> Catalogue:
        """The words and phrases for them."""
        return catalogue(self.language)

    def may_read(self, item: ReachableItem) -> bool:
        """Whether they may see the state of an item."""
        return item.can_read and self.contact.may("read")

    def note(
        self, item: str, command: str, result: CommandResult, *, before: Mapping[str, str] | None = None
    ) -> ItemCommandEntry:
        """The record of a command."""
        return ItemCommandEntry(
            contact=str(self.contact.uid),
            phone=self.phone,
            way=self.way,
            item=item,
            command=command,
            result=result,
            before=before or {},
        )


class ItemUse:
    """Carries out commands and reads states. Raises `DependencyDownError` if openHAB does not answer."""

    def __init__(self, items: ItemsOfOpenHAB, book: CommandBook) -> None:
        self._items = items
        self._book = book
        self._filtered: dict[frozenset[str], tuple[ReachableItems, ReachableItems]] = {}

    def reachable(self, contact: Contact, *, fresh: bool = False) -> ReachableItems:
        """The items that a contact may read or command."""
        items, rights = self._items.reachable(fresh=fresh), frozenset[str](contact.rights)
        known = self._filtered.get(rights)
        if known is None or known[0] is not items:
            known = self._filtered[rights] = (items, items.of(rights))
        return known[1]

    def guarded_words(self) -> frozenset[str]:
        """The words in the names of guarded items, and of groups that contain them."""
        return self._items.reachable().guarded_words

    def command(self, user: ItemUser, item: ReachableItem, value: str, *, result: CommandResult = "done") -> str:
        """Carry out a command; returns the reply."""
        texts, watched = user.texts, _watched(item)
        before = self._items.states(*watched)
        known = before.get(item.name, _UNKNOWN)
        wanted = worked_out(item, value, quantity(item, known))
        if wanted is None:
            self.note(user, item, value, "not_taken")
            return _no_new_value(user, item, known)
        value = wanted
        effects = _effects({one: kind for one, kind in watched.items() if _counts(item, kind, value)}, value, before)
        shown_value = value_shown(item, value, texts)
        try:
            has_come = self._items.carry_out(item.name, value, effects, _EFFECT)
        except DependencyDownError:
            raise
        except TwilioBindingError as error:
            _log.warning("items.refused", item=item.name, reason=str(error))
            self.note(user, item, value, "refused")
            return texts.phrase("{name} does not accept that.", name=item.label)
        states = {
            name: state.value for name, state in before.items() if can_be_undone(watched.get(name, ""), state.value)
        }
        self.note(user, item, value, result if has_come else "sent", before=states)
        if not effects:
            return texts.phrase("{name}: {value}, sent.", name=item.label, value=shown_value)
        may_tell = user.may_read(item) and not (has_come and item.is_group)
        state = self._value(user, item, only_known=has_come) if may_tell else ""
        if has_come:
            phrase = "{name}: {value}." if item.is_group else "{name} is {value}."
            return texts.phrase(phrase, name=item.label, value=state or shown_value)
        phrase = "{name}: {value}, sent, but it still says {state}." if state else "{name}: {value}, sent."
        return texts.phrase(phrase, name=item.label, value=shown_value, state=state)

    def _value(self, user: ItemUser, item: ReachableItem, *, only_known: bool) -> str:
        """The state of an item, or of a group's members; "" if the item is gone, was not read, or, with `only_known`, has no state."""
        try:
            known = self._items.states(item.name, *item.members)
        except TwilioBindingError:  # the command was sent: an error here would make people repeat it
            return ""
        if item.is_group:
            return _members_told(user.texts, item, known, self._items.reachable().by_name)
        state = known.get(item.name)
        return shown(item, state, user.texts) if state and (state.is_known or not only_known) else ""

    def undo(self, user: ItemUser) -> str:
        """Undo the last command of a contact, unless the item is guarded: undoing could open a door; returns the reply."""
        if not user.contact.may("command"):
            return user.texts.phrase("You may only read states, not send commands.")
        last = self._book.last(str(user.contact.uid), within=_UNDO)
        item = self.reachable(user.contact).by_name.get(last.item) if last else None
        if last is None or item is None or not last.before or not item.can_command or item.is_guarded:
            return user.texts.phrase("There is nothing to undo.")
        if set(last.before) == {item.name}:
            return self.command(user, item, last.before[item.name], result="undone")
        left = restored(self._items, last.before, item.members, _EFFECT)
        if left:
            is_partly = len(left) < len(last.before)
            self.note(user, item, "(before)", "undone_partly" if is_partly else "refused", before=left)
            return partly_told(user.texts, item, last.before, left, self._items.reachable().by_name)
        self.note(user, item, "(before)", "undone")
        try:
            members = self._value(user, item, only_known=False)  # the state that openHAB calculates of them says less
            return f"{item.label}: {members}" if members else self.states(user.texts, [item])[0]
        except TwilioBindingError:
            value = ", ".join(dict.fromkeys(value_shown(item, state, user.texts) for state in last.before.values()))
            return user.texts.phrase("{name}: {value}, sent.", name=item.label, value=value)

    def commanded_last(self, contact: Contact, *, within: float = _JUST) -> ReachableItem | None:
        """The item that a contact has just commanded, for texts without a name; None for none, or a guarded one."""
        last = self._book.last(str(contact.uid), within=min(within, _JUST))
        item = self.reachable(contact).by_name.get(last.item) if last else None
        return None if item is None or item.is_guarded or not item.can_command else item

    def known_states(self, *names: str) -> Mapping[str, ItemState]:
        """The states of items by name."""
        return self._items.states(*names)

    def state(self, user: ItemUser, item: ReachableItem) -> str:
        """The state of an item, or of a group's members, as a reply; a refusal if the contact may not see it."""
        if not user.may_read(item):
            return user.texts.phrase("You may not see the state of {name}.", name=item.label)
        return self.states(user.texts, [item])[0]

    def states(self, texts: Catalogue, items: Iterable[ReachableItem]) -> Sequence[str]:
        """The states of several items, one sentence for each."""
        chosen = list(items)
        known = self._items.states(*{name for item in chosen for name in (item.name, *item.members)})
        reachable = self._items.reachable().by_name
        return [_told(texts, item, known, reachable) for item in chosen]

    def interpret(self, user: ItemUser, interpreter: str, text: str) -> str | None:
        """What one of openHAB's interpreters makes of a text; None if it does not understand."""
        answer = self._items.interpret(interpreter, user.language, text)
        if answer is not None:
            self.note(user, None, "", "interpreted")
        return answer

    def note(
        self,
        user: ItemUser,
        item: ReachableItem | None,
        value: str,
        result: CommandResult,
        *,
        before: Mapping[str, str] | None = None,
    ) -> ItemCommandEntry:
        """Record the outcome of a command, on disk and in the log."""
        kept = _NOT_SHOWN if item and item.type == "String" and not item.words and value else value
        name = item.name if item else ""
        entry = self._book.enter(user.note(name, kept, result, before=before))
        _log.info("item.command", thing=entry.contact, way=user.way, item=name, command=mask_text(kept), result=result)
        return entry


def _no_new_value(user: ItemUser, item: ReachableItem, state: ItemState) -> str:
    """The reply to a difference that leads to no value, because there is no state, or a limit."""
    if state.is_known:
        return values_of(user.texts, item, user.contact)
    return user.texts.phrase("The state of {name} is unknown. Write the new value itself.", name=item.label)


def _watched(item: ReachableItem) -> dict[str, str]:
    """The items whose states show the effect, and their types."""
    return dict(item.members) or {item.name: item.type}


def _effects(
    watched: Mapping[str, str], value: str, before: Mapping[str, ItemState]
) -> dict[str, Callable[[str], bool]]:
    return {
        name: partial(has_effect, kind, value, before[name].value if name in before else "")
        for name, kind in watched.items()
    }


def _counts(item: ReachableItem, kind: str, value: str) -> bool:
    """Whether a state of this type shows the effect of a command."""
    return (
        can_follow(kind, value) if item.is_group else kind not in ("", "Player") and (kind != "String" or bool(value))
    )


def _told(
    texts: Catalogue, item: ReachableItem, known: Mapping[str, ItemState], reachable: Mapping[str, ReachableItem]
) -> str:
    own = known.get(item.name)
    if own is not None and (own.is_known or not item.is_group):
        return texts.phrase("{name} is {value}.", name=item.label, value=shown(item, own, texts))
    return f"{item.label}: {_members_told(texts, item, known, reachable) or texts.said('NULL')}"


def _members_told(
    texts: Catalogue, item: ReachableItem, known: Mapping[str, ItemState], reachable: Mapping[str, ReachableItem]
) -> str:
    members = [reachable[name] for name in item.members if name in reachable and reachable[name].can_read]
    return ", ".join(f"{one.label} {shown(one, known[one.name], texts)}" for one in members if one.name in known)
