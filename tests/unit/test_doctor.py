"""The runner of the doctor's links: in order, each with a time limit, and never an exception."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from pathlib import Path

from tests.doctor import settings
from twilio_binding import doctor
from twilio_binding.doctor import Case, LinkResult
from twilio_binding.doctor.links import LINKS, Link
from twilio_binding.doctor.results import ok, warning


def test_link_that_hangs(tmp_path: Path) -> None:
    """A link that does not end is cut off at its limit; its earlier findings stay, and the next link is tested."""
    over = threading.Event()

    def hang(_: Case) -> Iterator[LinkResult]:
        yield ok("first")
        over.wait(20)

    links = [
        Link(id="a", title="A", look=hang, seconds=lambda _: 1.5),
        Link(id="b", title="B", look=lambda _: iter([ok("second")])),
    ]
    begun: list[str] = []
    found = list(doctor.run(settings(tmp_path), links=links, on_begin=begun.append))
    over.set()
    assert [(one.id, one.status) for one in found] == [("a", "ok"), ("a", "failed"), ("b", "ok")]
    assert "no result within" in found[1].cause
    assert begun == ["A", "B"]


def test_link_that_raises(tmp_path: Path) -> None:
    """An unexpected error is a finding without its text, which may contain a secret."""

    def fail(_: Case) -> Iterator[LinkResult]:
        yield warning("cause", "cure", {"n": 1})
        raise KeyError("s3cret")

    found = list(doctor.run(settings(tmp_path), links=[Link(id="a", title="A", look=fail)]))
    assert [one.status for one in found] == ["warning", "failed"]
    assert "KeyError" in found[1].cause
    assert "s3cret" not in str(found)
    assert found[0].shown()["facts"] == {"n": 1}


def test_link_that_does_not_apply(tmp_path: Path) -> None:
    """No text is sent unless it was requested."""
    sends = [link for link in LINKS if link.id == "text"]
    assert not list(doctor.run(settings(tmp_path), links=sends))


def test_ids_are_unique_and_documented() -> None:
    """Programs use the ids: each one is in the reference."""
    page = (Path(__file__).resolve().parents[2] / "docs" / "reference" / "cli.md").read_text(encoding="utf-8")
    ids = [link.id for link in LINKS]
    assert len(set(ids)) == len(ids)
    assert [one for one in ids if f"`{one}`" not in page] == []


def test_who_stops_reading(tmp_path: Path) -> None:
    """A caller can stop reading findings, and the connections are closed."""
    results = doctor.run(settings(tmp_path), links=[Link(id="a", title="A", look=lambda _: iter([ok("1"), ok("2")]))])
    assert next(results).text == "1"
    results.close()  # type: ignore[attr-defined]
