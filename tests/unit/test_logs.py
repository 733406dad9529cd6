"""The log: numbers masked, forbidden fields dropped, from any source and in both forms."""

from __future__ import annotations

import json
import logging
from collections.abc import Callable, Iterator
from typing import Any

import pytest
import structlog

from tests.waiting import wait_until
from twilio_binding import logs
from twilio_binding.masking import mask_text

_NUMBER = "+15551234567"
Output = Callable[[], list[str]]


@pytest.fixture
def output(capsys: pytest.CaptureFixture[str]) -> Iterator[Output]:
    """The lines on standard error since the last read; the log is restored afterwards."""
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level

    def lines() -> list[str]:
        return capsys.readouterr().err.splitlines()

    yield lines
    root.handlers[:] = handlers
    root.setLevel(level)
    structlog.reset_defaults()


@pytest.mark.parametrize("field", ["token", "auth_token", "secret", "password", "body", "message", "twiml", "payload"])
def test_forbidden_fields(field: str) -> None:
    """Secrets and texts of messages are dropped, whoever passes them."""
    assert logs.mask(None, "info", {"event": "x", field: "anything"}) == {"event": "x"}


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        (_NUMBER, "+15***67"),
        (f"whatsapp:{_NUMBER}", "whatsapp:+15***67"),
        (f"To={_NUMBER}, From=15551234567", "To=+15***67, From=155***67"),
        ([_NUMBER, "x"], "['+15***67', 'x']"),
        ({"to": _NUMBER}, "{'to': '+15***67'}"),
        ((_NUMBER,), "('+15***67',)"),
        (ValueError(f"bad number {_NUMBER}"), "bad number +15***67"),
        (b"+15551234567", "b'+15***67'"),
        (5, 5),
        (1764000000, 1764000000),
        (0.5, 0.5),
        (True, True),
        ("", ""),
    ],
)
def test_masked_fields(value: object, shown: object) -> None:
    """Numbers are masked in every kind of field; counts and times stay."""
    assert logs.mask(None, "info", {"event": "x", "field": value}) == {"event": "x", "field": shown}


def test_event_itself() -> None:
    """The event is masked, too, and an empty field left out; ids and times do not count as numbers."""
    event = {
        "event": f"call from {_NUMBER}",
        "empty": None,
        "timestamp": "2026-11-24T08:30:15",
        "request_id": "1764000000123",
    }
    assert logs.mask(None, "info", event) == {
        "event": "call from +15***67",
        "timestamp": "2026-11-24T08:30:15",
        "request_id": "1764000000123",
    }


def test_json(output: Output) -> None:
    """JSON lines carry event, level, logger, time and fields, in UTF-8."""
    logs.configure("info", "json")
    structlog.get_logger("room").info("message.received", sender=_NUMBER, body="secret words", thing="Tür")
    (text,) = output()
    line = json.loads(text)
    assert (line["event"], line["level"], line["logger"]) == ("message.received", "info", "room")
    assert (line["sender"], line["thing"]) == ("+15***67", "Tür")
    assert "T" in line["timestamp"]
    assert "Tür" in text
    assert "secret words" not in text


def test_text(output: Output) -> None:
    """The text form has one line for each event, in logfmt, with the most important fields first."""
    logs.configure("info", "text")
    structlog.get_logger("room").warning("send.unknown", to=_NUMBER, text='two words "quoted"\nlines', ok=True)
    (line,) = output()
    assert line.startswith("timestamp=")
    assert " level=warning event=send.unknown logger=room " in line
    assert "to=+15***67" in line
    assert "ok=true" in line


@pytest.mark.parametrize("style", ["text", "json"])
@pytest.mark.parametrize("field", ["sender", "request_id", "exception"])
def test_lines_of_others(output: Output, style: str, field: str) -> None:
    """Content from others makes no new line, controls no terminal and does not reverse text."""
    logs.configure("info", style)
    sent = "x\nlevel=error event=forged\r\x1b[2J\x00\x7f\x85\x9b1m\u2028\u2029\u202e\u2066 end"
    structlog.get_logger("room").info("message.received", **{field: sent})
    logging.getLogger("some.library").info(sent)
    lines = output()
    assert len(lines) == 2
    for line in lines:
        assert line.isprintable()
        assert "forged" in line and "end" in line
    assert (json.loads(lines[0])["event"] if style == "json" else lines[0].split()[2]).endswith("message.received")


@pytest.mark.parametrize("style", ["text", "json"])
def test_exceptions(output: Output, style: str) -> None:
    """A traceback is logged with its numbers masked."""
    logs.configure("info", style)
    try:
        int(f"call {_NUMBER}")
    except ValueError:
        structlog.get_logger("room").exception("call.failed")
    text = "\n".join(output())
    assert "call +15***67" in text
    assert "Traceback" in text
    assert _NUMBER not in text


def test_logins_in_urls() -> None:
    """A login is masked up to the last @ before the path: a password may have one that was not escaped."""
    for login in ("me:pw", "me:p@ss", "me"):
        assert (
            mask_text(f"at https://{login}@cam/a@b and https://cam/a@b") == "at https://***@cam/a@b and https://cam/a@b"
        )


def test_foreign_loggers(output: Output) -> None:
    """Lines of libraries get the same treatment; the talkative ones are only logged if something is wrong."""
    logs.configure("debug", "json")
    logging.getLogger("some.library").info("asked %s", _NUMBER)
    for name in ("twilio.http_client", "urllib3", "httpx", "paho", "sseclient"):
        logging.getLogger(name).info("POST https://api.twilio.com/?To=%s", _NUMBER)
    logging.getLogger("urllib3").warning("broken")
    assert [(line["logger"], line["event"]) for line in map(json.loads, output())] == [
        ("some.library", "asked +15***67"),
        ("urllib3", "broken"),
    ]


@pytest.mark.parametrize(("level", "number"), [("debug", 4), ("info", 3), ("warning", 2), ("error", 1)])
def test_levels(output: Output, level: str, number: int) -> None:
    """Nothing below the level is written."""
    logs.configure(level, "json")
    log = structlog.get_logger("room")
    for name in ("debug", "info", "warning", "error"):
        getattr(log, name)("event", name=name)
    assert len(output()) == number


def _flooded(output: Output, *, most: int = 3, span: float = 3.0) -> list[dict[str, Any]]:
    """The log of two hundred lines of one kind, one of another, and those of a library, until the end of the span."""
    logs.configure("info", "json")
    (handler,) = logging.getLogger().handlers
    handler.filters[:] = [logs.Flood(most=most, span=span)]
    log = structlog.get_logger("room")
    for number in range(200):
        log.warning("webhook.forged", number=number)
        logging.getLogger("some.library").error("refused %s", number)
        if number == 199:
            log.warning("send.unknown")
    log.info("the same", number=1)
    lines: list[dict[str, Any]] = [json.loads(line) for line in output()]

    def told() -> bool:
        lines.extend(json.loads(line) for line in output())
        return [line["event"] for line in lines].count("log.left_out") == 2

    wait_until(told, 10, "the summary")
    log.warning("webhook.forged", number="again")
    return lines + [json.loads(line) for line in output()]


def test_flood_of_one_kind(output: Output) -> None:
    """In a flood of warnings of one kind, the first are written, then the number of the others; other kinds are all written."""
    lines = _flooded(output)
    assert [line["number"] for line in lines if line["event"] == "webhook.forged"] == [0, 1, 2, "again"]
    assert [line["event"] for line in lines if line["logger"] == "some.library"] == [
        "refused 0",
        "refused 1",
        "refused 2",
    ]
    assert sum(line["event"] == "send.unknown" for line in lines) == 1
    assert sorted((line["kind"], line["lines"]) for line in lines if line["event"] == "log.left_out") == [
        ("refused %s", 197),
        ("webhook.forged", 197),
    ]


def test_one_line_is_bounded(output: Output) -> None:
    """A very long field is cut, and marked."""
    logs.configure("info", "json")
    structlog.get_logger("room").warning("event", reason="x" * 1_000_000)
    (line,) = output()
    assert len(line) < 10_000
    assert "(cut)" in line


def test_configured_twice(output: Output) -> None:
    """Configuring again replaces the handler: no event is written twice."""
    logs.configure("info", "text")
    logs.configure("info", "json")
    structlog.get_logger("room").info("event")
    assert len(output()) == 1
