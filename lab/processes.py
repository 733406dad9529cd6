"""The resources of a running process, from Linux."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

Process = subprocess.Popen[str] | None
"""A running process; None is a mistake of the caller."""


def memory(process: Process) -> float:
    """Resident memory of a process in MB."""
    status = _proc(process, "status").read_text(encoding="ascii")
    return next(int(line.split()[1]) for line in status.splitlines() if line.startswith("VmRSS")) / 1024


def processor_time(process: Process) -> float:
    """Seconds of CPU time that a process has used."""
    stat = _proc(process, "stat").read_text(encoding="ascii")
    user, system = stat.rpartition(")")[2].split()[11:13]
    return (int(user) + int(system)) / os.sysconf("SC_CLK_TCK")


def open_files(process: Process) -> int:
    """The number of files and connections that a process has open."""
    return len(list(_proc(process, "fd").iterdir()))


def _proc(process: Process, name: str) -> Path:
    assert process is not None
    return Path(f"/proc/{process.pid}/{name}")
