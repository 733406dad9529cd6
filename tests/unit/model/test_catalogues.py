"""The catalogues of words and phrases: nothing is missing in any language, and placeholders are the same."""

from __future__ import annotations

import re
from importlib.resources import files

import pytest
from babel.messages.catalog import Message
from babel.messages.pofile import read_po

from twilio_binding.model.sentences.catalogue import LANGUAGES, catalogue
from twilio_binding.model.sentences.vocabulary import vocabulary

OTHERS = [language for language in LANGUAGES if language != "en"]


def entries(language: str) -> dict[tuple[str, str], Message]:
    """All entries of a catalog."""
    path = files("twilio_binding.model.sentences") / "locale" / f"{language}.po"
    with path.open("rb") as file:
        return {(one.context or "", str(one.id)): one for one in read_po(file) if one.id}


@pytest.mark.parametrize("language", OTHERS)
def test_nothing_is_missing(language: str) -> None:
    """Every language has what English has, and all of it is translated."""
    own = entries(language)
    assert own.keys() == entries("en").keys()
    assert [key for key, entry in own.items() if not str(entry.string).strip()] == []


@pytest.mark.parametrize("language", OTHERS)
def test_placeholders(language: str) -> None:
    """A phrase has the placeholders of its English one."""
    own = entries("en")
    for (context, name), entry in entries(language).items():
        english = str(own[context, name].string) if context == "alarm" else name
        if context in ("", "alarm"):
            assert sorted(re.findall(r"\{\w+\}", english)) == sorted(re.findall(r"\{\w+\}", str(entry.string)))


@pytest.mark.parametrize("language", LANGUAGES)
def test_words_of_use(language: str) -> None:
    """The word that is answered for a state is one that is understood, and ON is never a word of OFF."""
    words = vocabulary(language)
    texts = catalogue(language)
    for value in ("ON", "OFF"):
        assert value in words.meanings((texts.said(value).lower().replace("é", "e"),)), value
    both = [word for word, meanings in words._meanings.items() if {"ON", "OFF"} <= meanings]
    assert not both


def test_language_of_somebody() -> None:
    """A language with a region counts as the language; a language without a catalog counts as English."""
    assert [catalogue(tag).language for tag in ("de-AT", "de_CH", "FR", "ru", "")] == ["de", "de", "fr", "en", "en"]
