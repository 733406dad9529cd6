"""The service on a disk with slow flushes: `python -m lab.faults.slow_disk run`.

The file in `SLOW_DISK` contains the seconds for a flush, and can change at any time. SQLite's own flushes are delayed
inside SQLite, on its thread, and so are Python's.
"""

from __future__ import annotations

import ctypes
import ctypes.util
import os
import time
from pathlib import Path
from typing import Any

_OPEN = ctypes.CFUNCTYPE(ctypes.c_int, *(ctypes.c_void_p,) * 3, ctypes.c_int, ctypes.c_void_p)
_SYNC = ctypes.CFUNCTYPE(ctypes.c_int, ctypes.c_void_p, ctypes.c_int)
_libc = ctypes.CDLL(None)


class _Methods(ctypes.Structure):
    """`sqlite3_io_methods`; the pointers from close on are xRead, xWrite, xTruncate, xSync, ..."""

    _fields_ = (("version", ctypes.c_int), ("calls", ctypes.c_void_p * 18))


class _VFS(ctypes.Structure):
    """`sqlite3_vfs`; the pointers are xOpen, xDelete, ..."""

    _fields_ = (
        ("version", ctypes.c_int),
        ("file_size", ctypes.c_int),
        ("longest_path", ctypes.c_int),
        ("next", ctypes.c_void_p),
        ("name", ctypes.c_char_p),
        ("data", ctypes.c_void_p),
        ("calls", ctypes.c_void_p * 15),
    )


_XSYNC, _XOPEN = 4, 0
_LOOK = 0.05
"""Seconds between looks at the setting."""
_kept: list[Any] = []
"""What SQLite points to, kept alive."""


def _wait(setting: Path) -> None:
    """Wait like the disk would: the whole thread, without Python's lock, whatever gevent made of `time.sleep`.

    A short flush waits in one piece: in a busy process each piece would wait for Python's lock as well.
    """
    began = time.monotonic()
    while (left := float(setting.read_text(encoding="ascii") or 0) - (time.monotonic() - began)) > 0:
        _libc.usleep(int(min(left, _LOOK) * 1e6))


def slow_down(setting: Path) -> None:
    """Delay all flushes of this process."""
    _slow_sqlite(setting)
    _slow_python(setting)


def _slow_sqlite(setting: Path) -> None:
    """Delay the flushes of databases that are opened later."""
    sqlite = ctypes.CDLL(ctypes.util.find_library("sqlite3"))
    sqlite.sqlite3_vfs_find.restype = ctypes.POINTER(_VFS)
    ours = _VFS.from_buffer_copy(sqlite.sqlite3_vfs_find(None).contents)
    really_open = _OPEN(ours.calls[_XOPEN])
    tables: dict[int, _Methods] = {}

    def slowly(methods: _Methods) -> _Methods:
        slow = _Methods.from_buffer_copy(methods)
        really_sync = _SYNC(slow.calls[_XSYNC])

        def sync(file: int, flags: int) -> int:
            _wait(setting)
            return int(really_sync(file, flags))

        callback = _SYNC(sync)
        slow.calls[_XSYNC] = ctypes.cast(callback, ctypes.c_void_p).value
        _kept.append(callback)
        return slow

    def opened(vfs: int, name: int, file: int, flags: int, told: int) -> int:
        result = int(really_open(vfs, name, file, flags, told))
        methods = ctypes.c_void_p.from_address(file)
        if methods.value:
            if methods.value not in tables:
                tables[methods.value] = slowly(_Methods.from_address(methods.value))
            methods.value = ctypes.addressof(tables[methods.value])
        return result

    callback = _OPEN(opened)
    ours.name = b"slow"
    ours.calls[_XOPEN] = ctypes.cast(callback, ctypes.c_void_p).value
    _kept.extend((sqlite, ours, callback, tables))
    assert sqlite.sqlite3_vfs_register(ctypes.byref(ours), 1) == 0


def _slow_python(setting: Path) -> None:
    """Delay `os.fsync`."""
    really_flush = os.fsync

    def flush(file: int) -> None:
        _wait(setting)
        really_flush(file)

    os.fsync = flush  # type: ignore[assignment]


if __name__ == "__main__":
    from gevent import monkey

    monkey.patch_all()
    slow_down(Path(os.environ["SLOW_DISK"]))

    from twilio_binding.cli import cli

    cli(prog_name="twilio-binding")
