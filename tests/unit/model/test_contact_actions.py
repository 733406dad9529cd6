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
        (("1.5", "2"), "Q? (1.5, 2)", "1.5", "1.5"),
    ],
)
def test_answers_that_are_numbers(answers: tuple[str, ...], asked: str, said: str, answer: str | None) -> None:
    """They have no numbers of their own: "3" means the answer 3, not the third one."""
    question = Question(text="Q?", answers=answers, minutes=5)
    assert (question.asked, question.answer_in(said)) == (asked, answer)


@pytest.mark.parametrize(
    ("said", "answer"),
    [
        ("7:30", "7:30"),
        ("at 8", "At 8."),
        ("AT 8!", "At 8."),
        ("3", "Spa\u0308ter"),
        ("sp\u00e4ter", "Spa\u0308ter"),
        ("1 7:30", "7:30"),
        ("2. At 8.", "At 8."),
        ("2 at 7", None),
        ("(1)", "7:30"),
        ("#1", "7:30"),
        ("1\ufe0f\u20e3", "7:30"),
        ("\u201cat 8\u201d", "At 8."),
        ("...", None),
    ],
)
def test_answers_with_signs_in_them(said: str, answer: str | None) -> None:
    """An answer counts as the text shows it, with its number, and without the signs that people leave out or add."""
    assert Question(text="When?", answers=("7:30", "At 8.", "Spa\u0308ter"), minutes=5).answer_in(said) == answer


def test_answers_that_differ_by_a_sign() -> None:
    """What is written exactly counts before what only looks like it."""
    question = Question(text="Key?", answers=("C", "C#"), minutes=5)
    assert [question.answer_in(said) for said in ("C", "c#", "C!", "2 C#")] == ["C", "C#", "C", "C#"]
