"""The cost of the console while nobody opens it, and that it is installed completely."""

from __future__ import annotations

import subprocess
import sys
import zipfile
from pathlib import Path

_ROOT = Path(__file__).resolve().parents[3]


def test_pages_are_not_loaded() -> None:
    """The service starts without the pages, the plots and the doctor."""
    program = (
        "import sys; import twilio_binding.app.service; "
        "print([name for name in sys.modules if name.startswith(('twilio_binding.console.p', 'twilio_binding.app.console_', 'twilio_binding.store.past.', 'pygal', 'twilio_binding.doctor'))])"
    )
    told = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, timeout=50, check=True)
    assert told.stdout.strip() == "[]"


def test_wheel(tmp_path: Path) -> None:
    """Templates and static files are installed with the package."""
    build = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(tmp_path)]
    subprocess.run(build, cwd=_ROOT, check=True, capture_output=True, timeout=55)
    (wheel,) = tmp_path.glob("*.whl")
    with zipfile.ZipFile(wheel) as archive:
        names = set(archive.namelist())
    pages = _ROOT / "twilio_binding" / "console" / "pages"
    files = [path for folder in ("templates", "static") for path in (pages / folder).iterdir()]
    assert len(files) > 20
    assert [path.name for path in files if path.relative_to(_ROOT).as_posix() not in names] == []
