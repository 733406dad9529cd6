"""Items that can be used by text and phone, according to their metadata."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from twilio_binding.model.sentences.groups import reached_from
from twilio_binding.model.sentences.item_metadata import ItemMetadata
from twilio_binding.model.sentences.metadata_line import metadata_line
from twilio_binding.model.sentences.tokens import tokens

Words = Mapping[str, tuple[str, ...]]
"""Words by value."""

_Entry = Mapping[str, Any]
"""An item as openHAB describes it."""
_RIGHTS = ("read", "command")


@dataclass(frozen=True, slots=True, kw_only=True)
class ReachableItem:
    """An item with metadata `twilio`.

    `type` is its item type, for a group its base type; `members` are those of a group, with their types. `label_words`
    are the words of its label. `commands` are all accepted commands, if the metadata lists them; `words` are its own
    words for values. `place` are the words of its rooms. `metadata` is the metadata in the form of an `.items` file.
    `minimum` and `maximum` are those of its state description.
    """

    name: str
    label: str
    label_words: tuple[str, ...] = ()
    names: tuple[tuple[str, ...], ...]
    type: str
    dimension: str = ""
    can_read: bool = True
    can_command: bool = True
    key: int = 0
    needs_pin: bool = False
    needs_confirmation: bool = False
    needs_callback: bool = False
    in_status: bool = False
    commands: frozenset[str] = frozenset()
    words: Words = field(default_factory=dict)
    said: Mapping[str, str] = field(default_factory=dict)
    place: frozenset[str] = frozenset()
    pattern: str = ""
    minimum: float | None = None
    maximum: float | None = None
    is_group: bool = False
    members: Mapping[str, str] = field(default_factory=dict)
    groups: tuple[str, ...] = ()
    metadata: str = ""

    @property
    def member_types(self) -> frozenset[str]:
        """The types of the members of a group."""
        return frozenset(self.members.values())

    @property
    def is_guarded(self) -> bool:
        """Whether it accepts only its exact name."""
        return self.needs_pin or self.needs_confirmation or self.needs_callback


@dataclass(frozen=True, slots=True, kw_only=True)
class ReachableItems:
    """All items by name, the labels of their groups, and errors in their metadata.

    `guarded_words` are all words in the names of guarded items and of groups that contain them.
    """

    by_name: Mapping[str, ReachableItem] = field(default_factory=dict)
    group_labels: Mapping[str, str] = field(default_factory=dict)
    problems: tuple[str, ...] = ()
    guarded_words: frozenset[str] = frozenset()

    def of(self, rights: Iterable[str]) -> ReachableItems:
        """The items that somebody with these rights can use."""
        may = set(rights)
        kept = {
            name: item
            for name, item in self.by_name.items()
            if ("read" in may and item.can_read) or ("command" in may and item.can_command)
        }
        return replace(self, by_name=kept, problems=())


def any_item(entry: _Entry) -> ReachableItem:
    """An item as openHAB describes it, to show its state even if nobody can use it by text or phone."""
    metadata = {"twilio": {}} | (entry.get("metadata") or {})
    alone = {**entry, "metadata": metadata, "groupNames": ()}
    return read_items([alone]).by_name[str(entry.get("name"))]


def read_items(listed: Iterable[_Entry]) -> ReachableItems:
    """The usable items in openHAB's list of all items; mistakes in metadata are reported, and ignored."""
    entries = {str(entry.get("name")): entry for entry in listed}
    members: dict[str, list[str]] = {}
    for name, entry in entries.items():
        for group in entry.get("groupNames") or ():
            members.setdefault(group, []).append(name)
    groups_of = {name: entry.get("groupNames") or () for name, entry in entries.items()}
    problems: list[str] = []
    found = {}
    around = {}
    for name, entry in entries.items():
        metadata = entry.get("metadata") or {}
        if isinstance(metadata.get("twilio"), dict):
            around[name] = [entries[group] for group in reached_from(name, groups_of) if group in entries]
            found[name] = _item(name, entries, members.get(name, ()), around[name], problems)
    guarded = {
        name: _guarded(item, [found[one] for one in reached_from(name, members) if one in found])
        for name, item in found.items()
        if item.is_group
    }
    found |= guarded
    groups = {name for item in found.values() for name in item.groups}
    labels = {name: str(entries[name].get("label") or name) for name in groups if name in entries}
    guarded_items = (item for item in found.values() if item.is_guarded)
    words = frozenset(word for item in guarded_items for word in _words_for(item, around[item.name]))
    return ReachableItems(by_name=found, group_labels=labels, problems=tuple(problems), guarded_words=words)


def _words_for(item: ReachableItem, around: Iterable[_Entry]) -> Iterable[str]:
    """The words in the names of an item and of all groups that contain it, because a command to these groups reaches it."""
    named = (name for one in around for name in _written(str(one.get("label") or ""), one.get("metadata") or {}))
    return (word for name in (*item.names, item.label_words, *map(tokens, named)) for word in name)


def _guarded(group: ReachableItem, inside: Iterable[ReachableItem]) -> ReachableItem:
    """A group that needs everything that its members need."""
    all_of_it = (group, *inside)
    return replace(
        group,
        needs_pin=any(one.needs_pin for one in all_of_it),
        needs_confirmation=any(one.needs_confirmation for one in all_of_it),
        needs_callback=any(one.needs_callback for one in all_of_it),
    )


def _item(
    name: str, entries: Mapping[str, _Entry], members: Iterable[str], around: Iterable[_Entry], problems: list[str]
) -> ReachableItem:
    entry = entries[name]
    given = ItemMetadata(name, entry["metadata"]["twilio"], problems)
    label = str(entry.get("label") or name.replace("_", " "))
    called = _called(given, label, entry["metadata"])
    is_group = entry.get("type") == "Group"
    kind, _, dimension = str(entry.get("groupType") or "" if is_group else entry.get("type") or "").partition(":")
    description = entry.get("stateDescription") or {}
    rights = given.choices("can", _RIGHTS)
    shown = _options(description) | given.pairs("states")
    takes = given.pairs("commands")
    return ReachableItem(
        name=name,
        label=_shown(label, called),
        label_words=tokens(label),
        names=_names(called),
        type=kind,
        dimension=dimension,
        can_read="read" in rights,
        can_command="command" in rights and kind not in ("Contact", "Image", "Location", "Call"),
        key=given.key(),
        needs_pin=given.flag("pin"),
        needs_confirmation=given.flag("confirm"),
        needs_callback=given.flag("callback"),
        in_status=given.flag("status"),
        commands=frozenset(takes),
        words=_words(shown, takes, entry),
        said={value: words[0] for value, words in ((takes if kind == "String" else {}) | shown).items() if words},
        place=_place(around),
        pattern=str(description.get("pattern") or ""),
        minimum=_limit(description.get("minimum")),
        maximum=_limit(description.get("maximum")),
        is_group=is_group,
        members={one: str(entries[one].get("type")).partition(":")[0] for one in members if is_group},
        groups=tuple(entry.get("groupNames") or ()),
        metadata=metadata_line(entry["metadata"]["twilio"]),
    )


def _written(value: str, metadata: Mapping[str, Any]) -> list[str]:
    synonyms = (metadata.get("synonyms") or {}).get("value") or ""
    return [part.strip() for part in f"{value},{synonyms}".split(",") if part.strip()]


def _called(given: ItemMetadata, label: str, metadata: Mapping[str, Any]) -> list[str]:
    """All names of an item: those of the metadata and the synonyms; the label if the metadata has no name."""
    has_own = any(map(tokens, given.value.split(",")))
    called = _written(given.value, metadata) if has_own else [label, *_written("", metadata)]
    if not any(map(tokens, called)):
        given.tell("no name contains a letter or a digit; add one that does")
    return called


def _shown(label: str, names: list[str]) -> str:
    """Its name in answers: the label if that is one of its names, otherwise the first name."""
    name = label if tokens(label) in map(tokens, names) else names[0]
    return name[:1].upper() + name[1:]


def _names(written: Iterable[str]) -> tuple[tuple[str, ...], ...]:
    return tuple(dict.fromkeys(taken for one in written if (taken := tokens(one))))


def _options(description: Mapping[str, Any]) -> dict[str, tuple[str, ...]]:
    """The options of a state or command description that have labels."""
    listed = description.get("options") or description.get("commandOptions")
    return {
        str(one.get("value", one.get("command"))): (str(one["label"]),)
        for one in (listed if isinstance(listed, list) else ())
        if isinstance(one, dict) and one.get("label")
    }


def _words(
    shown: Mapping[str, tuple[str, ...]], takes: Mapping[str, tuple[str, ...]], entry: _Entry
) -> dict[str, tuple[str, ...]]:
    options = _options(entry.get("commandDescription") or {})
    values = dict.fromkeys((*shown, *takes, *options))
    return {
        value: tuple(dict.fromkeys((*shown.get(value, ()), *takes.get(value, ()), *options.get(value, ()))))
        for value in values
    }


def _place(around: Iterable[_Entry]) -> frozenset[str]:
    """The words of the rooms of an item: groups that are locations, and those of its equipment."""
    words: set[str] = set()
    for group in around:
        semantics = str(((group.get("metadata") or {}).get("semantics") or {}).get("value") or "")
        if semantics.partition("_")[0] == "Location":
            words |= set(tokens(str(group.get("label") or group.get("name"))))
    return frozenset(words)


def _limit(value: object) -> float | None:
    return float(value) if isinstance(value, int | float) and not isinstance(value, bool) else None
