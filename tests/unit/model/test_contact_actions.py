"""The arguments of actions of contacts."""

from __future__ import annotations

import pytest

from twilio_binding.model.contact_actions import Question, read_contact_action
from twilio_binding.protocol.errors import Refusal


@pytest.mark.parametrize(
    ("action", "args"),
    [
        ("send", {"text": "half an emoji: \ud83d"}),
        ("call", {"text": "\udc00"}),
        ("ask", {"question": "\ud83d?", "answers": "yes,no", "minutes": 5}),
    ],
)
def test_half_a_character(action: str, args: dict[str, object]) -> None:
    """A lone surrogate is refused by name, as in actions of phones, before anything is stored."""
    with pytest.raises(Refusal, match="incomplete character") as caught:
        read_contact_action(action, args)
    assert caught.value.code == "bad_argument"


@pytest.mark.parametrize(
    ("answers", "asked", "said", "answer"),
    [
        (("yes", "no"), "Q? (1 yes, 2 no)", "2", "no"),
        (("yes", "no"), "Q? (1 yes, 2 no)", " Yes! ", "yes"),
        (("yes", "no"), "Q? (1 yes, 2 no)", "3", None),
        (("5", "3", "1"), "Q? (5, 3, 1)", "3", "3"),
        (("0", "1", "many"), "Q? (0, 1, many)", "1.", "1"),
        (("18", "20", "22"), "Q? (18, 20, 22)", "1", None),
    ],
)
def test_answers_that_are_numbers(answers: tuple[str, ...], asked: str, said: str, answer: str | None) -> None:
    """They have no numbers of their own: "3" means the answer 3, not the third one."""
    question = Question(text="Q?", answers=answers, minutes=5)
    assert (question.asked, question.answer_in(said)) == (asked, answer)
