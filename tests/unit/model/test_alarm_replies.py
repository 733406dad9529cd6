"""What people answer to an alarm, in their languages."""

from __future__ import annotations

from dataclasses import asdict

import pytest

from twilio_binding.model.alarm_replies import AlarmReply, read_reply
from twilio_binding.model.alarm_texts import texts_of
from twilio_binding.model.sentences.catalogue import LANGUAGES


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("OK", "nl"),
        ("ok!", ""),
        ("1", "es"),
        ("Oui", "fr"),
        ("d'accord", "fr"),
        ("D\u2019accord, merci", "fr"),
        ("Je m'en charge", "fr"),
        ("sí", "es"),
        ("si, voy", "es"),
        ("Vale", "es"),
        ("Sì, arrivo", "it"),
        ("va bene", "it"),
        ("Ja, ik kom", "nl"),
        ("Akkoord", "nl"),
        ("Übernehme ich", "de"),
        ("uebernehme", "de"),
        ("got it", "de"),
        ("oui", "en"),
        ("take", ""),
        ("mine", "en"),
        ("j", "fr"),
        ("got it, thanks", "en"),
        ("I'm on my way home", "en"),
    ],
)
def test_words_that_take_it(text: str, language: str) -> None:
    """In the language of who writes also within a sentence, in every other alone; accents do not matter."""
    assert read_reply(text, language) == AlarmReply(verb="take")


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
    assert read_reply(text, "fr") == expected


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("", "fr"),
        ("non", "fr"),
        ("no", "es"),
        ("nee", "nl"),
        ("oui mais demain", "en"),
        ("s il fait froid ferme", "fr"),
        ("1 kg de pommes", "fr"),
        ("ouistiti", "fr"),
        ("bonjour, oui", "fr"),
        ("oui " * 20, "fr"),
        ("11", "it"),
        ("\u0661", "it"),
        ("take the dog out", "en"),
        ("got home late", ""),
        ("mine is broken", "de"),
        ("y is the garage open", "en"),
        ("s bahn kommt", "es"),
    ],
)
def test_what_is_no_answer(text: str, language: str) -> None:
    """Whoever writes about something else takes no alarm."""
    assert read_reply(text, language) is None


@pytest.mark.parametrize("language", LANGUAGES)
def test_texts_of_a_language(language: str) -> None:
    """There are all of them; the words that a text asks for are understood."""
    texts = texts_of(f"{language}-XX")
    assert all(value for value in asdict(texts).values())
    assert texts.spoken.startswith(f"{language}-")
    assert "1" in texts.reply and "OK" in texts.reply
    asked = texts.which.format(list="", example="").rstrip(".").split()[-1]
    assert read_reply(f"1 {asked}", language) == AlarmReply(verb="take", is_all=True)
