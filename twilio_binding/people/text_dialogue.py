"""The dialogue with contacts about items: commands, questions and confirmations."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import datetime
from functools import partial
from math import inf

from twilio_binding.errors import DependencyDownError
from twilio_binding.model.alarm_replies import with_words
from twilio_binding.model.sentences.catalogue import Catalogue
from twilio_binding.model.sentences.items import ReachableItem
from twilio_binding.model.sentences.nameless import lacks_name
from twilio_binding.model.sentences.pins import only_digits
from twilio_binding.model.sentences.reading import (
    Doubt,
    ItemCommand,
    ItemQuestion,
    Keyword,
    NotTaken,
    NotUnderstood,
    Reading,
    Timed,
)
from twilio_binding.model.sentences.states import value_shown
from twilio_binding.model.sentences.tokens import LONGEST, is_clear, plain, tokens
from twilio_binding.model.sentences.vocabulary import vocabulary
from twilio_binding.people.asked_back import AskedBack
from twilio_binding.people.command_checks import note_refused
from twilio_binding.people.command_steps import CommandSteps
from twilio_binding.people.incoming import COMMAND
from twilio_binding.people.item_lists import fitting, help_of, not_later, values_of
from twilio_binding.people.item_ports import Asked, Choice
from twilio_binding.people.item_use import ItemUse, ItemUser
from twilio_binding.people.readers import Readers

_ANSWERS = ("YES", "NO", "LATER")
"""Keywords that only mean something after a question."""


class TextDialogue:
    """Answers texts. `now` must return a time with a zone."""

    def __init__(
        self, use: ItemUse, steps: CommandSteps, asked: AskedBack, readers: Readers, now: Callable[[], datetime]
    ) -> None:
        self._use = use
        self._steps = steps
        self._asked = asked
        self._readers = readers
        self._now = now

    def begin(
        self, user: ItemUser, text: str, interpreter: str = "", *, untold: float = inf
    ) -> tuple[str, Callable[[], str]]:
        """Who answers a text: `command` or `interpreter`, "" if it is not understood; and a function that carries it out.

        The function returns the answer, "" if the text was not understood. `untold` are the seconds since somebody else
        sent the contact a text, which this one may answer: then it is not about an earlier command.
        """
        asked = self._asked.pending(user.contact)
        follow = self._follow_up(user, asked, text) if asked else None
        if follow is not None:
            return COMMAND, partial(self._answer, user, follow)
        try:
            reading = self._readers.read(user, text, self._now())
            if isinstance(reading, NotUnderstood) and asked is None and user.contact.may("command"):
                last = self._use.commanded_last(user.contact, within=untold)
                reading = self._readers.without_name(user, text, last, self._now())
        except DependencyDownError:
            return COMMAND, partial(self._answer, user, partial(self._steps.down, user, None))
        may_interpret = isinstance(reading, NotUnderstood) and interpreter and user.contact.may("command")
        if may_interpret and not self._is_guarded(text):
            return "interpreter", partial(self._answer, user, partial(self._interpret, user, interpreter, text))
        is_idle = isinstance(reading, NotUnderstood) or (isinstance(reading, Keyword) and reading.word in _ANSWERS)
        by = "" if is_idle else COMMAND
        return by, partial(self._answer, user, partial(self._follow, user, reading))

    def unclear(self, user: ItemUser, text: str) -> str:
        """The answer to a text that is not understood, and that no rule answers."""
        if user.contact.may("command") and lacks_name(text, vocabulary(user.language)):
            return user.texts.phrase("What do you mean? Write its name, too. LIST tells the names.")
        return user.texts.phrase("I did not understand that. Text HELP to see what you can write.")

    def _answer(self, user: ItemUser, follow: Callable[[], str]) -> str:
        self._asked.take(user.contact)
        return follow()

    def _is_guarded(self, text: str) -> bool:
        """Whether a text contains a word of a guarded item, because an interpreter asks for no PIN."""
        is_cut = len(plain(text)) > LONGEST  # such a word may follow
        return is_cut or bool(self._use.guarded_words() & set(tokens(text)))

    def _follow_up(self, user: ItemUser, asked: Asked, text: str) -> Callable[[], str] | None:
        """The effect of an answer to a question; None if the text is not one."""
        words = vocabulary(user.language)
        sentence = tokens(text) or tokens(with_words(text))
        word = words.keyword(sentence)
        word = word if word == "NO" or is_clear(text) else ""
        digits = only_digits(sentence, words) if is_clear(text) else ""
        if word == "NO" and asked.kind != "late":
            return partial(self._steps.declined, user, asked)
        match asked.kind:
            case "pin" if digits:
                return partial(self._take_up, user, asked.choices[0], pin=digits)
            case "confirm" if word == "YES":
                return partial(self._take_up, user, asked.choices[0], is_confirmed=True)
            case "late" if word == "LATER":
                return partial(self._steps.later, user, asked.wait)
            case "choice":
                number = 1 if word == "YES" and len(asked.choices) == 1 else int(digits) if len(digits) == 1 else 0
                if 1 <= number <= len(asked.choices):
                    return partial(self._take_up, user, asked.choices[number - 1])
        return None

    def _take_up(self, user: ItemUser, choice: Choice, *, pin: str = "", is_confirmed: bool = False) -> str:
        """Continue with what was asked, with the current item."""
        try:
            item = self._use.reachable(user.contact).by_name.get(choice.item)
        except DependencyDownError:
            return self._steps.down(user, None)
        if item is None:
            return user.texts.phrase("Nothing was done.")
        if choice.value is None:
            return self._question(user, item)
        command = ItemCommand(item=item, value=choice.value, pin=pin)
        return self._steps.confirmed(user, command) if is_confirmed else self._steps.command(user, command)

    def _follow(self, user: ItemUser, reading: Reading) -> str:
        texts = user.texts
        match reading:
            case ItemCommand():
                return self._steps.command(user, reading)
            case ItemQuestion():
                return self._question(user, reading.item)
            case Doubt():
                self._steps.ask_which(user, reading)
                return _choices(texts, reading, self._use.reachable(user.contact).group_labels)
            case NotTaken():
                note_refused(self._use, user, reading)
                return values_of(texts, reading.item, user.contact)
            case Timed():
                note_refused(self._use, user, reading)
                return not_later(texts, user.contact)
            case Keyword():
                return self._keyword(user, reading.word)
            case _:
                return ""

    def _question(self, user: ItemUser, item: ReachableItem) -> str:
        try:
            return self._use.state(user, item)
        except DependencyDownError:
            return self._steps.down(user, None)

    def _keyword(self, user: ItemUser, word: str) -> str:
        texts = user.texts
        try:
            items = list(self._use.reachable(user.contact).by_name.values())
            if word in ("STATUS", "LIST", "HELP") and not items:
                return texts.phrase("There is nothing that you can use yet.")
            match word:
                case "STATUS":
                    return self._status(user, items)
                case "LIST":
                    return fitting(texts, [item.label for item in items], "You can use: {names}.")
                case "HELP":
                    return help_of(texts, items, user.contact)
                case "UNDO":
                    return self._use.undo(user)
                case _:
                    return ""
        except DependencyDownError:
            return self._steps.down(user, None)

    def _status(self, user: ItemUser, items: list[ReachableItem]) -> str:
        readable = [item for item in items if item.can_read]
        if not user.contact.may("read") or not readable:
            return user.texts.phrase("There is nothing that you can use yet.")
        chosen = [item for item in readable if item.in_status] or readable
        return fitting(user.texts, self._use.states(user.texts, chosen), "{names}", separator="\n")

    def _interpret(self, user: ItemUser, interpreter: str, text: str) -> str:
        try:
            return self._use.interpret(replace(user, way="interpreter"), interpreter, text) or ""
        except DependencyDownError:
            return self._steps.down(user, None)


def _choices(texts: Catalogue, doubt: Doubt, groups: Mapping[str, str]) -> str:
    """The question for an ambiguous name; items with the same label are shown with their groups, or their names in openHAB."""
    told = [_choice(texts, one) for one in doubt.choices]
    for apart in (_groups, lambda item, _: item.name):
        twins = [one for one, text in enumerate(told) if told.count(text) > 1]
        for one in twins:
            told[one] += f" ({apart(doubt.choices[one].item, groups)})"
    named = (f"{number} {text}" for number, text in enumerate(told, 1))
    return texts.phrase("Did you mean {choices}? Reply with the number.", choices=", ".join(named))


def _choice(texts: Catalogue, one: ItemCommand | ItemQuestion) -> str:
    return (
        f"{one.item.label} {value_shown(one.item, one.value, texts)}"
        if isinstance(one, ItemCommand)
        else one.item.label
    )


def _groups(item: ReachableItem, groups: Mapping[str, str]) -> str:
    return ", ".join(groups[one] for one in item.groups if one in groups) or item.name
