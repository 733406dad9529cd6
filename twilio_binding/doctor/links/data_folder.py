"""The data folder: free space, permissions, and speed. Every webhook waits for one flush."""

from __future__ import annotations

import os
import shutil
import statistics
import time
from collections.abc import Iterator, Sequence
from contextlib import suppress
from pathlib import Path
from secrets import token_hex
from shlex import quote
from tempfile import TemporaryDirectory

from twilio_binding.doctor.case import Case
from twilio_binding.doctor.links.link import Link
from twilio_binding.doctor.results import LinkResult, failed, ok, warning
from twilio_binding.folders import nearest
from twilio_binding.store import DataFolderError, see_usable

_MIB = 1024 * 1024
_LITTLE, _SCARCE = 500 * _MIB, 50 * _MIB
_DEVICES = Path("/sys/dev/block")
"""Links from the numbers of devices to what the kernel knows of them."""
_FLUSHES = 10
_SLOW_MEDIAN, _SLOW_ONE = 20.0, 250.0
"""Milliseconds. A solid state disk needs 0.5 to 5, an SD card 10 to 100, and occasionally a second."""


def look(case: Case) -> Iterator[LinkResult]:
    """Checks the folder, and flushes a small file of its own several times."""
    folder, calling = case.settings.data_dir, case.wishes.calling
    try:
        calling(lambda: see_usable(folder))
        if not calling(folder.is_dir):
            calling(lambda: _try_to_make_one(folder))
            yield ok(f"{folder.resolve()} does not exist yet; the service creates it")
            return
        yield from _modes((case.settings.secret_file, case.settings.database_file))
        free = calling(lambda: shutil.disk_usage(folder)).free
        yield _room(folder, free)
        yield _speed(folder, calling(lambda: _flushes(folder)))
    except DataFolderError as error:
        yield failed(
            str(error),
            "set data_dir to a folder that the user of the service can write to, and run the doctor as that user, such as: "
            "sudo -u twilio-binding twilio-binding doctor",
        )
    except OSError as error:
        what = "did not answer" if isinstance(error, TimeoutError) else f"cannot be written: {error.strerror}"
        yield failed(
            f"data_dir {folder.resolve()} {what}",
            "let the user of the service write there, and run the doctor as that user; check whether the disk is full or read-only",
        )


def _try_to_make_one(folder: Path) -> None:
    """Make a folder above the missing one, and remove it; raises `OSError`."""
    with TemporaryDirectory(dir=nearest(folder), prefix=".twilio-binding-"):
        pass


def _modes(files: Sequence[Path]) -> Iterator[LinkResult]:
    for path in files:
        with suppress(FileNotFoundError):
            mode = path.stat().st_mode
            if mode & 0o004:
                yield warning(
                    f"every user of this machine can read {path}",
                    f"chmod 600 {quote(str(path))}",
                    {"file": str(path), "mode": f"{mode & 0o777:04o}"},
                )


def _room(folder: Path, free: int) -> LinkResult:
    facts = {"folder": str(folder.resolve()), "free_bytes": free}
    told = f"{free // _MIB} MiB are free in {folder.resolve()}"
    if free < _SCARCE:
        return failed(told, "free some space: on a full disk, no text or call is accepted", facts)
    if free < _LITTLE:
        return warning(told, "free some space, or lower delivery.keep_days and media.max_total_bytes", facts)
    return ok(told, facts)


def _flushes(folder: Path) -> list[float]:
    """The time of each flush, in milliseconds."""
    path = folder / f"doctor-{token_hex(4)}.new"
    times = []
    try:
        with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb", buffering=0) as file:
            for _ in range(_FLUSHES):
                file.write(b"\0" * 4096)
                began = time.perf_counter()
                os.fsync(file.fileno())
                times.append((time.perf_counter() - began) * 1000)
    finally:
        path.unlink(missing_ok=True)
    return times


def _speed(folder: Path, times: list[float], devices: Path = _DEVICES) -> LinkResult:
    median, most, card = statistics.median(times), max(times), _card(folder, devices)
    facts = {"flush_ms_median": round(median, 2), "flush_ms_max": round(most, 2)} | ({"device": card} if card else {})
    told = f"a flush takes {median:.1f} ms, at most {most:.1f} ms"
    if median <= _SLOW_MEDIAN and most <= _SLOW_ONE:
        return ok(told + (f" (on the SD card {card})" if card else ""), facts)
    what = f"data_dir is on an SD card ({card})" if card else "as slow as an SD card or a network share"
    return warning(
        f"{told}: {what}",
        "set data_dir to a solid state disk: each text, call and send waits for one or two flushes",
        facts,
    )


def _card(folder: Path, devices: Path) -> str:
    """The name of the SD card with the folder; "" if it is on something else, or that is unknown."""
    device = folder.stat().st_dev
    with suppress(OSError, StopIteration):
        place = (devices / f"{os.major(device)}:{os.minor(device)}").resolve(strict=True)
        disk = next(one for one in (place, *place.parents) if one.parent.name == "block")
        # Built-in memory (eMMC) has the same kind of name, and is fast.
        if disk.name.startswith("mmcblk") and (disk / "device" / "type").read_text(encoding="ascii").strip() == "SD":
            return disk.name
    return ""


LINK = Link(id="data", title="Data folder", look=look)
