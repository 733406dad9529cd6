"""Sentences without a name, such as "brighter": they mean the item that was commanded before, or are asked back."""

from __future__ import annotations

from datetime import datetime

from twilio_binding.model.sentences.items import ReachableItem
from twilio_binding.model.sentences.reading import ItemCommand
from twilio_binding.model.sentences.rest import Rest, read_rest
from twilio_binding.model.sentences.tokens import tokens
from twilio_binding.model.sentences.values import command_of
from twilio_binding.model.sentences.vocabulary import NEGATION, QUESTION, Vocabulary


def command_without_name(text: str, item: ReachableItem, vocabulary: Vocabulary, now: datetime) -> ItemCommand | None:
    """The command that a text means for an item that it does not name; None if it is none, or if it may mean something else."""
    sentence = tuple(vocabulary.numbers.get(token, token) for token in tokens(text))
    rest = read_rest(sentence, frozenset(), item, vocabulary)
    if text.rstrip().endswith("?") or not _is_clear(rest):
        return None
    command = command_of(item, rest.given, vocabulary, now)
    return None if command is None else ItemCommand(item=item, value=command)


def lacks_name(text: str, vocabulary: Vocabulary) -> bool:
    """Whether a text says what to do, but not with what."""
    words = [vocabulary.meanings((token,)) for token in tokens(text)]
    values = [vocabulary.values((token,)) for token in tokens(text)]
    is_asked = text.rstrip().endswith("?") or any(word & {NEGATION, QUESTION} for word in words)
    return all(words) and any(values) and not is_asked


def _is_clear(rest: Rest) -> bool:
    given = rest.given
    # A number alone may be a PIN, or the answer to a question that has expired.
    says_what = bool(given.words or given.own or given.units or (given.numbers and given.is_absolute))
    is_time = rest.is_timed or rest.may_be_timed or bool(given.moments)
    return says_what and not (rest.unknown or rest.places or rest.is_question or rest.is_negative or is_time)
