"""Measures what README.md and docs/installing.md say about the first minute and the size: `first_text.py`, or `make first-text`.

In an empty folder: clones this repository, runs `make demo` in it until its first text is on an item, and installs the package
with pip into another environment. Standard library only; needs git, make, and the package index.
"""

from __future__ import annotations

import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

_ROOT = Path(__file__).resolve().parents[1]
_MAKE = shutil.which("make") or "make"
_FIRST_TEXT = "A text comes in"
_NOT_OURS = ("pip-", "setuptools-")


def measure(folder: Path) -> None:
    """Print each figure as soon as it is measured."""
    began = time.monotonic()
    _run(["git", "clone", "--quiet", "--no-hardlinks", str(_ROOT), "clone"], folder)
    _tell("cloned after", f"{time.monotonic() - began:.1f} s")
    _demo(folder / "clone", began)
    _size("make demo", folder / "clone" / ".venv")
    _run([sys.executable, "-m", "venv", "alone"], folder)
    _run(["alone/bin/pip", "install", "--quiet", "--disable-pip-version-check", "./clone"], folder)
    _size("pip install", folder / "alone")


def _demo(clone: Path, began: float) -> None:
    silence, last, installed = 0.0, time.monotonic(), False
    with subprocess.Popen([_MAKE, "demo"], cwd=clone, stdout=subprocess.PIPE, text=True) as demo:
        for line in demo.stdout or ():
            now = time.monotonic()
            silence, last = max(silence, now - last), now
            if not installed and "twilio-binding demo" in line:
                installed = True
                _tell("installed after", f"{now - began:.1f} s")
            if _FIRST_TEXT in line:
                _tell("first text on an item after", f"{now - began:.1f} s")
                _tell("longest time without a line of output", f"{silence:.1f} s")
    if demo.returncode:
        sys.exit(f"the demo ended with {demo.returncode}")
    _tell("demo ended after", f"{time.monotonic() - began:.1f} s")


def _size(name: str, environment: Path) -> None:
    packages = [
        one for one in environment.glob("lib/*/site-packages/*.dist-info") if not one.name.startswith(_NOT_OURS)
    ]
    # Count blocks of 512 bytes, like du.
    size = sum(path.lstat().st_blocks * 512 for path in environment.rglob("*"))
    _tell(f"{name} installs", f"{len(packages)} packages, {size / 1e6:.0f} MB with its environment")


def _run(words: Sequence[str], folder: Path) -> None:
    subprocess.run(words, cwd=folder, check=True)


def _tell(what: str, figure: str) -> None:
    sys.stdout.write(f"{what:<40}{figure}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    with tempfile.TemporaryDirectory(prefix="first-text-") as place:
        measure(Path(place))
