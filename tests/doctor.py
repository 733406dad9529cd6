"""The doctor in tests: its settings, and its findings about a link."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from twilio_binding import doctor
from twilio_binding.doctor import LinkResult, Wishes
from twilio_binding.doctor.links import LINKS
from twilio_binding.sandbox.ports import free_port
from twilio_binding.sandbox.service_process import SEEDS
from twilio_binding.settings import Settings

PHONE = "twilio:phone:myaccount:myphone"


def settings(folder: Path, **sections: Any) -> Settings:
    """Settings whose dependencies are all down, except those in `sections`."""
    nowhere = f"127.0.0.1:{free_port()}"
    values: dict[str, Any] = {
        "data_dir": folder / "data",
        "things": [str(SEEDS / "things" / "*.things")],
        "openhab": {"url": f"http://{nowhere}", "token": "oh.x"},
        "mqtt": {"url": f"mqtt://{nowhere}"},
        "twilio": {"api_url": f"http://{nowhere}"},
        "admin": {"listen": nowhere},
        "webhook": {"listen": f"127.0.0.1:{free_port()}"},
    }
    return Settings(**(values | sections))


def results(given: Settings, *ids: str, wishes: Wishes | None = None) -> list[LinkResult]:
    """The doctor's findings about these links, or all."""
    links = [link for link in LINKS if link.id in ids or not ids]
    assert len(links) >= len(ids)
    return list(doctor.run(given, wishes, links=links))


def bad(found: list[LinkResult], status: str = "") -> list[LinkResult]:
    """The findings that are not ok, or have this status."""
    return [one for one in found if one.status == status or (not status and one.status in ("warning", "failed"))]


def only(found: list[LinkResult], text: str) -> LinkResult:
    """The only finding with this status."""
    named = [one for one in found if text in f"{one.text} {one.cause}"]
    assert len(named) == 1, found
    return named[0]


@contextmanager
def silent_server() -> Iterator[int]:
    """A port that accepts connections and never answers."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        taken: list[socket.socket] = []

        def accept() -> None:
            with suppress(OSError):
                while True:
                    taken.append(listener.accept()[0])

        thread = threading.Thread(target=accept, daemon=True)
        thread.start()
        yield listener.getsockname()[1]
        listener.shutdown(socket.SHUT_RDWR)
        thread.join(30)
        for end in taken:
            end.close()
