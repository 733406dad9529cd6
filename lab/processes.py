"""What a running process takes from the machine, as Linux tells it."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

Process = subprocess.Popen[str] | None
"""One that runs; None is a mistake of the caller's."""


def memory(process: Process) -> float:
    """Resident memory of a process in MB."""
    status = _proc(process, "status").read_text(encoding="ascii")
    return next(int(line.split()[1]) for line in status.splitlines() if line.startswith("VmRSS")) / 1024


def processor_time(process: Process) -> float:
    """Seconds for which a process has kept a core busy until now."""
    stat = _proc(process, "stat").read_text(encoding="ascii")
    user, system = stat.rpartition(")")[2].split()[11:13]
    return (int(user) + int(system)) / os.sysconf("SC_CLK_TCK")


def open_files(process: Process) -> int:
    """How many files and connections a process has open."""
    return len(list(_proc(process, "fd").iterdir()))


def _proc(process: Process, name: str) -> Path:
    assert process is not None
    return Path(f"/proc/{process.pid}/{name}")
