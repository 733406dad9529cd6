"""What a `with` block starts and stops."""

from __future__ import annotations

import pytest

from twilio_binding.sandbox.startable import Startable


class Started(Startable):
    """Notes what happens; the start fails with `error`, if there is one."""

    def __init__(self, error: BaseException | None = None) -> None:
        self.happened: list[str] = []
        self._error = error

    def start(self) -> None:
        """Start it."""
        self.happened.append("start")
        if self._error is not None:
            raise self._error

    def stop(self) -> None:
        """Stop it."""
        self.happened.append("stop")


def test_with_block() -> None:
    """It runs from the beginning of the block to its end."""
    with Started() as started:
        started.happened.append("inside")
    assert started.happened == ["start", "inside", "stop"]


@pytest.mark.parametrize("error", [RuntimeError(), KeyboardInterrupt()])
def test_interrupted_start(error: BaseException) -> None:
    """If the start fails or is interrupted, nothing is left running."""
    started = Started(error)
    with pytest.raises(type(error)), started:
        pass
    assert started.happened == ["start", "stop"]
