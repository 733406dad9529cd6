"""openHAB's language: read when openHAB was connected, known without waiting afterwards."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from twilio_binding.openhab import OpenHABRequests, RestClient
from twilio_binding.openhab.locale import Locale
from twilio_binding.settings import OpenHABSettings


class OpenHAB(ThreadingHTTPServer):
    """Answers with `body`, once `may_answer` is set."""

    daemon_threads = True
    body = b'{"locale": "de_DE"}'

    def __init__(self) -> None:
        self.may_answer, self.is_asked = threading.Event(), threading.Event()
        self.asked = 0
        self.may_answer.set()
        super().__init__(("127.0.0.1", 0), _Handler)


class _Handler(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        server = self.server
        assert isinstance(server, OpenHAB)
        server.asked += 1
        server.is_asked.set()
        server.may_answer.wait(30)
        self.send_response(200)
        self.send_header("Content-Length", str(len(server.body)))
        self.end_headers()
        self.wfile.write(server.body)

    def log_message(self, *_: object) -> None:
        """Say nothing."""


@pytest.fixture
def openhab() -> Iterator[OpenHAB]:
    """A server that answers."""
    with OpenHAB() as server:
        threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
        yield server
        server.may_answer.set()
        server.shutdown()


@pytest.fixture
def locale(openhab: OpenHAB) -> Iterator[Locale]:
    """The language of that server, not read yet."""
    requests = OpenHABRequests(OpenHABSettings(url=f"http://127.0.0.1:{openhab.server_port}"))
    yield Locale(RestClient(requests))
    requests.close()


def test_read_once(openhab: OpenHAB, locale: Locale) -> None:
    """A look reads it, further ones only after a doubt; until then it is what was known last."""
    assert locale.language == ""
    locale.look()
    locale.look()
    assert (locale.language, openhab.asked) == ("de-DE", 1)
    openhab.body = b'{"locale": "en"}'
    locale.doubt()
    assert (locale.language, openhab.asked) == ("de-DE", 1)
    locale.look()
    assert (locale.language, openhab.asked) == ("en", 2)


def test_openhab_that_hangs(openhab: OpenHAB, locale: Locale) -> None:
    """While openHAB does not answer, who asks for the language does not wait, nor is openHAB asked again for them."""
    openhab.may_answer.clear()
    looking = threading.Thread(target=locale.look)
    looking.start()
    assert openhab.is_asked.wait(20)
    assert [locale.language for _ in range(100)] == [""] * 100
    assert openhab.asked == 1
    openhab.may_answer.set()
    looking.join(20)
    assert locale.language == "de-DE"


@pytest.mark.parametrize("body", [b"", b"[1]", b"null", b"<html/>", b'{"locale": null}', b"{}"])
def test_answers_that_say_nothing(openhab: OpenHAB, locale: Locale, body: bytes) -> None:
    """An answer without a language is none; the next look of a broken one tries again."""
    openhab.body = body
    locale.look()
    assert locale.language == ""
    openhab.body = b'{"locale": "fr"}'
    locale.doubt()
    locale.look()
    assert locale.language == "fr"
