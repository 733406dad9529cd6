"""What setup takes over from the files that exist."""

from __future__ import annotations

from pathlib import Path

import pytest

from twilio_binding.sandbox.service_process import SEEDS
from twilio_binding.settings import Settings
from twilio_binding.setup.known import Known

_EXAMPLE = (SEEDS / "things" / "twilio.things").read_text("utf-8")


def _known(folder: Path, text: str) -> str:
    """What setup takes over from a file of things with this text."""
    file = folder / "twilio.things"
    file.write_text(text, encoding="utf-8")
    return Known(file=folder / "twilio-binding.toml", settings=Settings(), is_new=True).things_text(file)


def test_the_example_is_no_answer(tmp_path: Path) -> None:
    """Nothing is taken over from the example that a user has copied."""
    assert _known(tmp_path, _EXAMPLE) == ""


@pytest.mark.parametrize(
    "changed",
    [
        _EXAMPLE.replace("https://my.domain.com", "https://home.example.org"),
        _EXAMPLE.replace('"+15551234567" ]', '"+15551234567", commands=true ]'),
        _EXAMPLE.replace("    Thing", '    Thing contact ada "Ada" [ phoneNumber="+15557654321" ]\n    Thing'),
        f"// Ask Bob before you change this\n{_EXAMPLE}",
    ],
)
def test_a_changed_example_is_kept(tmp_path: Path, changed: str) -> None:
    """A file that began as the example, such as one for the sandbox, is kept with all that its owner added."""
    assert _known(tmp_path, changed) == changed
