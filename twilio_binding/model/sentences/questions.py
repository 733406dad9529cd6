"""Whether a text asks or commands, by its question marks and polite words."""

from __future__ import annotations

from collections.abc import Sequence

from twilio_binding.model.sentences.tokens import after_question, number
from twilio_binding.model.sentences.vocabulary import POLITE, Vocabulary


def asks_at_last(text: str, vocabulary: Vocabulary) -> bool:
    """Whether a text has a question mark, after which no value follows: "lamp on? thanks", but not "all well? lamp on"."""
    after = after_question(text)
    return after is not None and not any(vocabulary.values((one,)) or number(one) is not None for one in after)


def is_polite(sentence: Sequence[str], vocabulary: Vocabulary) -> bool:
    """Whether a sentence contains words such as "could you", with which a question is a request."""
    starts = range(len(sentence))
    return any(POLITE in vocabulary.meanings(sentence[one : one + length]) for one in starts for length in (1, 2))
