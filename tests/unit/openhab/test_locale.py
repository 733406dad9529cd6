"""openHAB's language: read when openHAB was connected, known without waiting afterwards."""

from __future__ import annotations

import threading
from collections.abc import Iterator

import pytest

from tests.standins import Answer, Receiver, receiver
from twilio_binding.openhab import OpenHABRequests, RestClient
from twilio_binding.openhab.locale import Locale
from twilio_binding.settings import OpenHABSettings

_ROOT = "/rest/"
_GERMAN = '{"locale": "de_DE"}'


@pytest.fixture
def openhab() -> Iterator[Receiver]:
    """A server that answers."""
    with receiver() as server:
        server.answer(_ROOT, _GERMAN)
        yield server


@pytest.fixture
def locale(openhab: Receiver) -> Iterator[Locale]:
    """The language of that server, not read yet."""
    requests = OpenHABRequests(OpenHABSettings(url=openhab.url))
    yield Locale(RestClient(requests))
    requests.close()


def test_read_once(openhab: Receiver, locale: Locale) -> None:
    """A look reads it, further ones only after a doubt; until then it is what was known last."""
    assert locale.language == ""
    locale.look()
    locale.look()
    assert (locale.language, len(openhab.asked)) == ("de-DE", 1)
    openhab.answer(_ROOT, '{"locale": "en"}')
    locale.doubt()
    assert (locale.language, len(openhab.asked)) == ("de-DE", 1)
    locale.look()
    assert (locale.language, len(openhab.asked)) == ("en", 2)


def test_openhab_that_hangs(openhab: Receiver, locale: Locale) -> None:
    """While openHAB does not answer, callers do not wait for the language, and openHAB is not asked again for them."""
    may_answer = threading.Event()
    openhab.answer(_ROOT, Answer(body=_GERMAN, when=may_answer))
    looking = threading.Thread(target=locale.look)
    looking.start()
    openhab.wait(_ROOT)
    assert [locale.language for _ in range(100)] == [""] * 100
    assert len(openhab.asked) == 1
    may_answer.set()
    looking.join(20)
    assert locale.language == "de-DE"


@pytest.mark.parametrize("body", [b"", b"[1]", b"null", b"<html/>", b'{"locale": null}', b"{}"])
def test_answers_that_say_nothing(openhab: Receiver, locale: Locale, body: bytes) -> None:
    """An answer without a language is none; the next look of a broken one tries again."""
    openhab.answer(_ROOT, Answer(body=body))
    locale.look()
    assert locale.language == ""
    openhab.answer(_ROOT, Answer(body=b'{"locale": "fr"}'))
    locale.doubt()
    locale.look()
    assert locale.language == "fr"
