"""Runs the links in order, each with a time limit, and yields findings as they arrive."""

from __future__ import annotations

import queue
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace

from twilio_binding.doctor.case import Case, Wishes
from twilio_binding.doctor.links import LINKS, Link
from twilio_binding.doctor.results import LinkResult, failed
from twilio_binding.protocol.errors import TwilioBindingError
from twilio_binding.settings import Settings

_Found = LinkResult | None


def run(
    settings: Settings,
    wishes: Wishes | None = None,
    *,
    links: Sequence[Link] = LINKS,
    on_begin: Callable[[str], None] = lambda _: None,
) -> Iterator[LinkResult]:
    """The findings about each link, in order; `on_begin` gets the title of the next link.

    Never raises: an unexpected failure is a finding, too. Takes seconds; if something hangs, up to the time limit of
    each link.
    """
    case = Case(settings=settings, wishes=wishes or Wishes())
    try:
        for link in links:
            if link.applies(case):
                on_begin(link.title)
                yield from _bounded(link, case)
    finally:
        case.close()


def unreadable_settings(error: Exception) -> LinkResult:
    """The only finding if the settings cannot be read."""
    first, *others = str(error).splitlines() or [type(error).__name__]
    result = failed(first, "correct the settings; docs/reference/settings.md lists them", {"errors": [first, *others]})
    return replace(result, id="settings", title="Settings")


def _bounded(link: Link, case: Case) -> Iterator[LinkResult]:
    """The findings of a link until its time limit; a thread that hangs then is abandoned."""
    found: queue.SimpleQueue[_Found] = queue.SimpleQueue()
    seconds = link.seconds(case)
    thread = threading.Thread(target=_try, args=(link, case, found.put), name=f"doctor-{link.id}", daemon=True)
    began = last = time.monotonic()
    thread.start()
    while True:
        try:
            result = found.get(timeout=max(0.01, began + seconds - time.monotonic()))
        except queue.Empty:
            result = failed(f"no result within {seconds:.0f} s", "something hangs: check the machine and its network")
            yield _stamped(link, result, time.monotonic() - last)
            return
        if result is None:
            return
        yield _stamped(link, result, time.monotonic() - last)
        last = time.monotonic()


def _try(link: Link, case: Case, found: Callable[[_Found], None]) -> None:
    try:
        for result in link.look(case):
            found(result)
    except TwilioBindingError as error:
        found(failed(str(error), "correct what the message names, and run the doctor again"))
    except Exception as error:
        what = f"{type(error).__name__} during this test: the answer was unexpected"
        found(
            failed(
                what,
                "run `twilio-binding doctor` again; if this happens again, report it with this text",
                {"link": link.id},
            )
        )
    finally:
        found(None)


def _stamped(link: Link, result: LinkResult, seconds: float) -> LinkResult:
    return replace(result, id=link.id, title=link.title, seconds=seconds)
