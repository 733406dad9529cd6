"""The words and phrases of each language, from gettext catalogs.

In the context `words`, a catalog lists the words for each meaning, separated by commas; in `alike`, words for the same
thing; in `measure`, words that ask for a quantity; in `number`, numbers, in `small`, those below five; in `pin`, words
before a PIN; in `said`, the word for an answer; in `alarm`, texts of alarms. All others are phrases, by their English
text.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import cache
from importlib.resources import files

ENGLISH = "en"
LANGUAGES = ("en", "de", "fr", "es", "it", "nl")


class Catalogue:
    """The catalog of one language."""

    def __init__(self, language: str) -> None:
        self.language = language
        self._texts = _read(language)

    def words(self, context: str = "words") -> Iterator[tuple[str, tuple[str, ...]]]:
        """Each meaning, such as ON, with its words."""
        for (of, meaning), text in self._texts.items():
            if of == context:
                yield meaning, tuple(word.strip() for word in text.split(",") if word.strip())

    def said(self, value: str) -> str:
        """The word for a value, such as off for OFF; the value itself if the language has no word."""
        return self._texts.get(("said", value)) or value

    def alarm(self, name: str) -> str:
        """A text of alarms, by its name; answers are separated by commas."""
        return self._texts["alarm", name]

    def phrase(self, english: str, **values: object) -> str:
        """A phrase in this language, otherwise in English, with its values filled in."""
        return (self._texts.get(("", english)) or english).format(**values)


@cache
def catalogue(*languages: str) -> Catalogue:
    """The catalog of the first available language, such as `de` or `de-AT`; otherwise the English one."""
    primaries = (language.lower().replace("_", "-").partition("-")[0] for language in languages)
    return _catalogue(next((one for one in primaries if one in LANGUAGES), ENGLISH))


@cache
def _catalogue(language: str) -> Catalogue:
    return Catalogue(language)


def _read(language: str) -> Mapping[tuple[str, str], str]:
    from babel.messages.pofile import read_po  # noqa: PLC0415 - it takes 0.1 s, and most services never need it

    path = files(__package__) / "locale" / f"{language}.po"
    with path.open("rb") as file:
        return {(entry.context or "", str(entry.id)): str(entry.string) for entry in read_po(file) if entry.id}
