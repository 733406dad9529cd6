"""Replies to an alarm, in their languages."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path

import pytest

from twilio_binding.model.alarm_replies import AlarmReply, begins_like_one, read_reply
from twilio_binding.model.alarm_texts import texts_of
from twilio_binding.model.sentences.catalogue import LANGUAGES

REPLIES = Path(__file__).parents[2] / "data" / "alarm_replies.txt"


def _replies() -> Iterator[tuple[str, str, str]]:
    """Language, expected and text of each reply in the list."""
    language = expected = ""
    for line in REPLIES.read_text(encoding="utf-8").splitlines():
        if line.startswith("= "):
            _, language, expected = line.split()
        elif line and not line.startswith("# "):
            yield language, expected, line


def test_replies_of_the_list() -> None:
    """Each acknowledges, passes on or does nothing, as people mean it; most that do nothing begin like an acknowledgement."""
    read = [(*one, reply.verb if (reply := read_reply(one[2])) else "none") for one in _replies()]
    assert len(read) > 480
    assert [one for one in read if one[1] != one[3]] == []


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("ok but I can't", "de"),
        ("si llueve", "es"),
        ("1 hour", "it"),
        ("2 hours", ""),
        ("OK?", "fr"),
        ("12", "de"),
        ("4711", ""),
    ],
)
def test_what_begins_like_an_answer(text: str, language: str) -> None:
    """In the language of who writes and in English."""
    assert read_reply(text) is None
    assert begins_like_one(text, language)


@pytest.mark.parametrize(
    "text", ["", "thanks", "si llueve", "kitchen light on", "y is the garage open", "got home late"]
)
def test_what_does_not(text: str) -> None:
    """A word that stands for yes where it is alone begins too many sentences."""
    assert not begins_like_one(text, "fr")


@pytest.mark.parametrize(
    "text",
    [
        "OK",
        "ok!",
        "1",
        "Oui",
        "d'accord",
        "D\u2019accord, merci",
        "Je m'en charge",
        "sí",
        "si, voy",
        "Vale",
        "Sì, arrivo",
        "va bene",
        "Ja, ik kom",
        "Akkoord",
        "Übernehme ich",
        "uebernehme",
        "got it",
        "oui",
        "take",
        "mine",
        "j",
        "got it, thanks",
    ],
)
def test_words_that_take_it(text: str) -> None:
    """In every language, whatever that of who writes is; accents do not matter."""
    assert read_reply(text) == AlarmReply(verb="take")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("oui 2", AlarmReply(verb="take", numbers=(2,))),
        ("1 toutes", AlarmReply(verb="take", is_all=True)),
        ("1 todas 4711", AlarmReply(verb="take", is_all=True, pin="4711")),
        ("sì 1 3 4711", AlarmReply(verb="take", numbers=(1, 3), pin="4711")),
        ("2", AlarmReply(verb="pass")),
        ("2 2", AlarmReply(verb="pass", numbers=(2,))),
    ],
)
def test_numbers_and_pins(text: str, expected: AlarmReply) -> None:
    """They are understood in every language."""
    assert read_reply(text) == expected


@pytest.mark.parametrize(
    "text",
    [
        "",
        "non",
        "no",
        "nee",
        "oui mais demain",
        "s il fait froid ferme",
        "1 kg de pommes",
        "ouistiti",
        "bonjour, oui",
        "oui " * 20,
        "11",
        "\u0661",
        "take the dog out",
        "got home late",
        "mine is broken",
        "y is the garage open",
        "s bahn kommt",
    ],
)
def test_what_is_no_answer(text: str) -> None:
    """A text about something else acknowledges no alarm."""
    assert read_reply(text) is None


@pytest.mark.parametrize("language", LANGUAGES)
def test_texts_of_a_language(language: str) -> None:
    """There are all of them; the words that a text asks for are understood."""
    texts = texts_of(f"{language}-XX")
    assert all(value for value in asdict(texts).values())
    assert texts.spoken.startswith(f"{language}-")
    assert "1" in texts.reply and "OK" in texts.reply
    asked = texts.which.format(list="", example="").rstrip(".").split()[-1]
    assert read_reply(f"1 {asked}") == AlarmReply(verb="take", is_all=True)
