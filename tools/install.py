"""Installs the packages of a lock file into the running environment, and shows the progress: `install.py FILE`.

Standard library only, because nothing else is installed yet.
"""

from __future__ import annotations

import re
import subprocess
import sys
import sysconfig
import threading
import time
from collections import deque
from pathlib import Path

_PIP = (
    sys.executable,
    "-m",
    "pip",
    "install",
    "--disable-pip-version-check",
    "--progress-bar",
    "off",
    "--require-hashes",
    "-r",
)
_FETCHED = re.compile(r"(?:Collecting|Processing|Requirement already satisfied:) (?:\S*/)?([\w.-]+)")
_INSTALLING = "Installing collected packages: "
_PACKAGES = Path(sysconfig.get_path("purelib"))
_BETWEEN = 5.0
"""Seconds between two lines if the output is not a terminal."""


class Progress:
    """One changing line in a terminal; otherwise a line now and then."""

    def __init__(self) -> None:
        self._is_terminal = sys.stdout.isatty()
        self._began = time.monotonic()
        self._told = float("-inf")

    def tell(self, text: str) -> None:
        """Show the progress."""
        now = time.monotonic()
        if self._is_terminal:
            self._write(f"\r\033[K{now - self._began:3.0f} s  {text}")
        elif now - self._told >= _BETWEEN:
            self._told = now
            self._write(f"{now - self._began:3.0f} s  {text}\n")

    def end(self, text: str) -> None:
        """Show the result."""
        self._told = float("-inf")
        self.tell(text)
        self._write("\n" if self._is_terminal else "")

    def _write(self, text: str) -> None:
        sys.stdout.write(text)
        sys.stdout.flush()


def install(lock: Path) -> int:
    """Install, and return the exit code of pip; pip's output is shown only if it failed."""
    progress, over, said = Progress(), threading.Event(), deque[str](maxlen=40)
    pinned = len(re.findall(r"^[\w.-]+==", lock.read_text(encoding="utf-8"), re.MULTILINE))
    fetched, watcher = 0, threading.Thread()
    with subprocess.Popen([*_PIP, str(lock)], stdout=subprocess.PIPE, text=True) as pip:
        for line in pip.stdout or ():
            said.append(line)
            if found := _FETCHED.match(line):
                fetched += 1
                progress.tell(f"Fetching package {fetched} of at most {pinned}: {found[1]}")
            elif line.startswith(_INSTALLING):
                total = len(line.removeprefix(_INSTALLING).split(","))
                watcher = threading.Thread(target=_watch, args=(progress, over, total), daemon=True)
                watcher.start()
    over.set()
    if watcher.ident is not None:
        watcher.join()
    progress.end("Installed." if not pip.returncode else "Not installed. What pip says:")
    if pip.returncode:
        sys.stdout.write("".join(said))
    return pip.returncode


def _watch(progress: Progress, over: threading.Event, total: int) -> None:
    """Count the installed packages, because pip itself reports nothing meanwhile."""
    before = _count()
    while not over.wait(0.3):
        progress.tell(f"Installing package {min(_count() - before + 1, total)} of {total}")


def _count() -> int:
    return sum(1 for _ in _PACKAGES.glob("*.dist-info"))


if __name__ == "__main__":
    sys.exit(install(Path(sys.argv[1])))
