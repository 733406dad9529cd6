"""The configuration of all places, read again on a signal."""

from __future__ import annotations

import threading
from pathlib import Path

from tests.waiting import wait_until
from twilio_binding.app.configuration import Configuration
from twilio_binding.settings import Settings


def test_reload_leaves_the_work_to_the_thread_that_follows_the_files(tmp_path: Path) -> None:
    """A reload returns although a subscriber is blocked: a signal may arrive while a lock is held."""
    heard: list[str] = []
    busy = threading.Lock()

    def changed() -> None:
        with busy:
            heard.append(threading.current_thread().name)

    configuration = Configuration(Settings(things=[str(tmp_path / "*.things")]))
    configuration.changed.subscribe(changed)
    configuration.load()
    configuration.start()
    try:
        with busy:
            configuration.reload()
            assert heard == []
        wait_until(lambda: heard, 5, "the change, although there is no file")
    finally:
        configuration.stop()
    assert heard == ["things-files"]
