"""Sentences without a name, such as "brighter": they mean the item that was commanded before, or are asked back."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from twilio_binding.model.sentences.items import ReachableItem
from twilio_binding.model.sentences.questions import asks_at_last
from twilio_binding.model.sentences.reading import ItemCommand
from twilio_binding.model.sentences.rest import Rest, read_rest
from twilio_binding.model.sentences.tokens import number, refuses, tokens
from twilio_binding.model.sentences.values import command_of
from twilio_binding.model.sentences.vocabulary import COURTESY, NEGATION, PREPOSITION, QUESTION, TO, Vocabulary


def command_without_name(text: str, item: ReachableItem, vocabulary: Vocabulary, now: datetime) -> ItemCommand | None:
    """The command that a text means for an item that it does not name; None if it is none, or if it may mean something else."""
    sentence = vocabulary.in_digits(tokens(text))
    rest = read_rest(sentence, frozenset(), item, vocabulary)
    if asks_at_last(text, vocabulary) or refuses(text) or not _is_clear(rest):
        return None
    if _is_number(sentence, vocabulary) or (_only_joins(sentence, vocabulary) and not rest.given.numbers):
        return None
    command = command_of(item, rest.given, vocabulary, now)
    return None if command is None else ItemCommand(item=item, value=command)


def lacks_name(text: str, vocabulary: Vocabulary) -> bool:
    """Whether a text says what to do, but not with what."""
    words = [vocabulary.meanings((token,)) for token in tokens(text)]
    values = [vocabulary.values((token,)) for token in tokens(text)]
    is_asked = asks_at_last(text, vocabulary) or any(word & {NEGATION, QUESTION} for word in words)
    return all(words) and any(values) and not is_asked


def _is_number(sentence: Sequence[str], vocabulary: Vocabulary) -> bool:
    """Whether a sentence is a number, perhaps with polite words, also where the item has it as a word: it may be a PIN, or an answer."""
    return all(
        number(token) is not None or (token in vocabulary.idle and TO not in vocabulary.meanings((token,)))
        for token in sentence
    )


def _only_joins(sentence: Sequence[str], vocabulary: Vocabulary) -> bool:
    """Whether the only value is a preposition at the beginning, as in "on it" or "out"; but "on" is the name of a state."""
    words = [vocabulary.meanings((token,)) for token in sentence]
    first = next((word for word in words if COURTESY not in word), frozenset[str]())
    values = [word for token, word in zip(sentence, words, strict=True) if vocabulary.values((token,))]
    is_state = len(sentence) == 1 and sentence[0] in vocabulary.states
    return PREPOSITION in first and all(PREPOSITION in word for word in values) and not is_state


def _is_clear(rest: Rest) -> bool:
    given = rest.given
    says_what = bool(given.words or given.own or given.units or (given.numbers and given.is_absolute))
    is_time = rest.is_timed or rest.is_doubtful or bool(given.moments)
    return says_what and not (rest.unknown or rest.places or rest.is_question or rest.is_negative or is_time)
