"""The TwiML of the item menu."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from urllib.parse import quote
from xml.sax.saxutils import quoteattr

from twilio_binding.model.alarm_calls import Speaker, closing
from twilio_binding.model.item_menus import MenuEntry, is_toggle, mark, offered
from twilio_binding.model.languages import spoken as spoken_language
from twilio_binding.model.sentences.catalogue import Catalogue
from twilio_binding.model.sentences.items import ReachableItem
from twilio_binding.model.sentences.spoken_units import aloud
from twilio_binding.model.sentences.states import ItemState, shown, value_shown
from twilio_binding.model.sentences.tokens import tokens
from twilio_binding.model.sentences.vocabulary import vocabulary
from twilio_binding.people.item_use import ItemUser

PREFIX = "items."
"""Prefix of the `menu` of keys in these menus."""
_HINTS = 40
_ACTIONS = {
    "OPEN": "To open it, press {key}.",
    "CLOSED": "To close it, press {key}.",
    "LOCKED": "To lock it, press {key}.",
    "UNLOCKED": "To unlock it, press {key}.",
}
"""What people do to an item, where the word for its state says less: a garage is not "switched closed"."""


@dataclass(frozen=True, slots=True, kw_only=True)
class MenuCaller:
    """The caller; `gather_url` gets the keys, `may_speak`: words are accepted, too."""

    user: ItemUser
    gather_url: str
    may_speak: bool

    @property
    def speaker(self) -> Speaker:
        """Language and voice for them."""
        return speaker_of(self.user)


def speaker_of(user: ItemUser) -> Speaker:
    """Language and voice for somebody."""
    written = user.texts.language
    own = user.language if user.language.startswith(written) else written
    return Speaker(language=spoken_language(own), voice=user.contact.voice)


def confirmation(texts: Catalogue, item: ReachableItem, value: str) -> str:
    """The question that confirms a command."""
    told = value_shown(item, value, texts)
    return texts.phrase("{name}: {value}. To confirm, press 1.", name=item.label, value=told)


def _offer(user: ItemUser, told: str, key: int) -> str:
    """The sentence for a key that gives an item a value, by the word for it."""
    meanings = vocabulary(user.language).values(tokens(told)) & _ACTIONS.keys()
    phrase = _ACTIONS[min(meanings)] if len(meanings) == 1 else "For {value}, press {key}."
    return user.texts.phrase(phrase, value=told, key=key)


class MenuPages:
    """Creates TwiML for one caller."""

    def __init__(self, caller: MenuCaller, names: Sequence[str] = ()) -> None:
        self._caller = caller
        self._texts = caller.user.texts
        self._names = names

    def menu(
        self, node: str, page: int, listed: Sequence[MenuEntry], states: Mapping[str, ItemState], first: str = ""
    ) -> str:
        """The page with a node's entries. Each key carries its command, so that it does what was announced.

        If `first` only says the state of an entry, that entry comes first, and its state is not said twice.
        """
        sentences, offers = [first], ["-"] * 8
        for entry in listed:
            sentence, offer = self._entry(entry, states)
            offers[entry.key - 1] = offer
            if first and sentences[0] == first and sentence.startswith(first):
                sentences[0] = sentence
            else:
                sentences.append(sentence)
        sentences.append(self._texts.phrase("For the status, press 9. Star goes back, hash repeats."))
        return self._keys(f"menu.{node}.{page}.{''.join(offers)}.{mark(listed)}", *sentences)

    def item(self, item: ReachableItem, state: str, first: str = "") -> str:
        """The commands that an item accepts."""
        sentences = [first, state]
        for key, value in enumerate(offered(item), 1):
            if value:
                told = value_shown(item, value, self._texts)
                sentences.append(_offer(self._caller.user, told, key))
            else:
                sentences.append(self._texts.phrase("To enter a value, press {key}.", key=key))
        return self._keys(f"item.{item.name}", *sentences)

    def ask_value(self, item: ReachableItem) -> str:
        """Ask for a number, ended with the hash key."""
        question = "Enter the value, with star as the point, then press the hash key."
        return self._digits(f"value.{item.name}", self._texts.phrase(question))

    def ask_pin(self, item: ReachableItem, value: str, number: int, first: str = "") -> str:
        """Ask for the PIN, ended with the hash key."""
        question = self._texts.phrase("Enter your PIN, then press the hash key.")
        return self._digits(f"pin.{item.name}.{number}.{value}", first, question)

    def ask_key(self, step: str, question: str) -> str:
        """Ask a question that a key answers; `step` follows then."""
        return self._keys(step, question)

    def close(self, *sentences: str) -> str:
        """Say something, and hang up."""
        return closing(self._caller.speaker, *(aloud(sentence, self._texts) for sentence in sentences))

    def _entry(self, entry: MenuEntry, states: Mapping[str, ItemState]) -> tuple[str, str]:
        if entry.item is None:
            phrase = "For more, press {key}." if entry.is_more else "For {name}, press {key}."
            return self._texts.phrase(phrase, name=entry.title, key=entry.key), "g"
        state = states.get(entry.item.name)
        may_toggle = entry.item.can_command and self._caller.user.contact.may("command")
        if state is not None and state.is_known and is_toggle(entry.item) and may_toggle:
            other = "OFF" if state.value == "ON" else "ON"
            now = self._texts.phrase(
                "{name} is {value}.", name=entry.item.label, value=shown(entry.item, state, self._texts)
            )
            told = value_shown(entry.item, other, self._texts)
            is_usual = told == self._texts.said(other)
            usual = "To switch it {value}, press {key}."
            change = (
                self._texts.phrase(usual, value=told, key=entry.key)
                if is_usual
                else _offer(self._caller.user, told, entry.key)
            )
            return f"{now} {change}", "1" if other == "ON" else "0"
        return self._texts.phrase("For {name}, press {key}.", name=entry.item.label, key=entry.key), "i"

    def _keys(self, step: str, *sentences: str) -> str:
        speech = ' input="dtmf"'
        if self._caller.may_speak:
            hints = quoteattr(", ".join(self._names[:_HINTS]))
            language = quoteattr(self._caller.speaker.language)
            speech = f' input="dtmf speech" speechTimeout="auto" language={language} hints={hints}'
        gather = f'<Gather{speech} numDigits="1" finishOnKey="" timeout="8" action={self._action(step)} method="POST">'
        said = self._say(*sentences)
        return f"<Response>{gather}{said}</Gather>{self._say(self._texts.phrase('Goodbye.'))}</Response>"

    def _digits(self, step: str, *sentences: str) -> str:
        gather = f'<Gather input="dtmf" finishOnKey="#" timeout="10" action={self._action(step)} method="POST">'
        said = self._say(*sentences)
        return f"<Response>{gather}{said}</Gather>{self._say(self._texts.phrase('Goodbye.'))}</Response>"

    def _action(self, step: str) -> str:
        return quoteattr(f"{self._caller.gather_url}?menu={quote(PREFIX + step, safe='')}")

    def _say(self, *sentences: str) -> str:
        return self._caller.speaker.say(*(aloud(sentence, self._texts) for sentence in sentences))
