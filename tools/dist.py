"""Builds the source archive and, from this, like a packager, the wheel: `dist.py FOLDER`. Prints the built files.

The build asks no package index: its tools are pinned in requirements.lock.
"""

from __future__ import annotations

import subprocess
import sys
import tarfile
import tempfile
from pathlib import Path

_ROOT = Path(__file__).resolve().parents[1]


def build(folder: Path) -> list[Path]:
    """Build both packages into this folder, without other files there."""
    folder.mkdir(parents=True, exist_ok=True)
    for old in (*folder.glob("twilio_binding-*.whl"), *folder.glob("twilio_binding-*.tar.gz")):
        old.unlink()
    _hatch("sdist", _ROOT, folder)
    (archive,) = folder.glob("twilio_binding-*.tar.gz")
    with tempfile.TemporaryDirectory(prefix="dist-") as place:
        with tarfile.open(archive) as packed:
            packed.extractall(place, filter="data")
        _hatch("wheel", Path(place, archive.name.removesuffix(".tar.gz")), folder)
    (wheel,) = folder.glob("twilio_binding-*.whl")
    return [archive, wheel]


def _hatch(target: str, source: Path, folder: Path) -> None:
    command = [sys.executable, "-m", "hatchling", "build", "--target", target, "--directory", str(folder.resolve())]
    done = subprocess.run(command, cwd=source, capture_output=True, text=True, check=False)
    if done.returncode:
        sys.exit(f"{target} was not built:\n{done.stdout}{done.stderr}")


if __name__ == "__main__":
    for file in build(Path(sys.argv[1])):
        sys.stdout.write(f"{file}  {file.stat().st_size / 1024:.0f} KiB\n")
