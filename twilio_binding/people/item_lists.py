"""Lists of items and their commands, limited to the length of a text."""

from __future__ import annotations

from collections.abc import Sequence

from twilio_binding.model.contacts import Contact
from twilio_binding.model.segments import measure
from twilio_binding.model.sentences.catalogue import Catalogue
from twilio_binding.model.sentences.items import ReachableItem
from twilio_binding.model.sentences.states import value_shown
from twilio_binding.model.sentences.tokens import plain_number
from twilio_binding.model.sentences.values import types_of

_MOST_SEGMENTS = 4
"""Maximum segments of a reply, because each one costs money."""
_WORDS = {
    "Switch": ("ON", "OFF"),
    "Dimmer": ("ON", "OFF", "a number from 0 to 100"),
    "Color": ("ON", "OFF", "a color", "a number from 0 to 100"),
    "Rollershutter": ("UP", "DOWN", "STOP", "a number from 0 to 100"),
    "Player": ("PLAY", "PAUSE", "NEXT", "PREVIOUS"),
    "DateTime": ("a time",),
    "String": ("a text",),
}


def fitting(texts: Catalogue, entries: Sequence[str], phrase: str, *, separator: str = ", ") -> str:
    """As many entries as fit into a reply, and the number of the others."""
    for count in range(len(entries), 0, -1):
        shown = list(entries[:count])
        if count < len(entries):
            shown.append(texts.phrase("{count} more", count=len(entries) - count))
        text = texts.phrase(phrase, names=separator.join(shown))
        if measure(text).segments <= _MOST_SEGMENTS:
            return text
    return texts.phrase("{count} more", count=len(entries))


def values_of(texts: Catalogue, item: ReachableItem, contact: Contact) -> str:
    """The commands that an item accepts, as a reply to a wrong command."""
    if not item.can_command:
        return texts.phrase("{name} accepts no commands.", name=item.label)
    if not contact.may("command"):
        return texts.phrase("You may only read states, not send commands.")
    return texts.phrase("{name} accepts {values}.", name=item.label, values=", ".join(values_taken(texts, item)))


def not_later(texts: Catalogue, contact: Contact) -> str:
    """The reply to a command for later or for a time."""
    if not contact.may("command"):
        return texts.phrase("You may only read states, not send commands.")
    return texts.phrase("I cannot do things later or for a time. Nothing was changed.")


def help_of(texts: Catalogue, items: Sequence[ReachableItem], contact: Contact) -> str:
    """The help text, with an example that works."""
    may = [item for item in items if item.can_command and contact.may("command")]
    example = next((item for item in may if not item.is_guarded), (may or list(items))[0])
    words = [word for kind in types_of(example) for word in _WORDS.get(kind, ())[:1] if word.isupper()]
    value = f" {value_shown(example, words[0], texts)}" if words and example in may else ""
    phrase = (
        "Write a name and what to do, such as: {example}. A name alone asks for the state. Also: STATUS, LIST, UNDO."
    )
    return texts.phrase(phrase, example=f"{example.label}{value}")


def values_taken(texts: Catalogue, item: ReachableItem) -> list[str]:
    """The values that an item accepts, in people's words."""
    if item.commands or item.words:
        chosen = [value for value in item.words if not item.commands or value in item.commands]
        return [item.words[value][0] if item.words[value] else value_shown(item, value, texts) for value in chosen]
    if types_of(item) == {"Number"}:
        if item.minimum is not None and item.maximum is not None:
            low, high = plain_number(item.minimum), plain_number(item.maximum)
            return [texts.phrase("{low} to {high}", low=low, high=high)]
        return [texts.phrase("a number")]
    words = dict.fromkeys(word for kind in sorted(types_of(item)) for word in _WORDS.get(kind, ()))
    return [value_shown(item, word, texts) if word.isupper() else texts.phrase(word) for word in words]
