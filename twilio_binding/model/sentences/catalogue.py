"""The words and phrases of each language, from gettext catalogues.

In the context `words`, a catalogue names for each meaning all words that people use for it, with commas between them; in
`alike`, words that people use for the same thing; in `measure`, those that ask for a quantity; in `number`, numbers; in `said`, the word that is
answered; in `alarm`, what alarms say. All else are phrases, by what they are in English.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import cache
from importlib.resources import files

ENGLISH = "en"
LANGUAGES = ("en", "de", "fr", "es", "it", "nl")


class Catalogue:
    """The catalogue of one language."""

    def __init__(self, language: str) -> None:
        self.language = language
        self._texts = _read(language)

    def words(self, context: str = "words") -> Iterator[tuple[str, tuple[str, ...]]]:
        """Each meaning, such as ON, with the words for it."""
        for (of, meaning), text in self._texts.items():
            if of == context:
                yield meaning, tuple(word.strip() for word in text.split(",") if word.strip())

    def said(self, value: str) -> str:
        """How a value is said, such as off for OFF; itself where the language has no word for it."""
        return self._texts.get(("said", value)) or value

    def alarm(self, name: str) -> str:
        """What alarms say or write, by its name; words that people answer with have commas between them."""
        return self._texts["alarm", name]

    def phrase(self, english: str, **values: object) -> str:
        """A phrase of this language, in English where it has none, with its values filled in."""
        return (self._texts.get(("", english)) or english).format(**values)


@cache
def catalogue(*languages: str) -> Catalogue:
    """The catalogue of the first language that there is, such as `de` or `de-AT`; the English one else."""
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
