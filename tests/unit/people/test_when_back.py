"""What waits for openHAB: reported and carried out soon, never late, never twice."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.unit.people.house import House, house
from tests.waiting import wait_until
from twilio_binding.people.when_back import LookAgain, WhenBack

_HOUR = 3600


class _Waiting:
    """Ada waits for openHAB; `told` is what she was sent."""

    def __init__(self, home: House) -> None:
        self.told: list[str] = []
        self.home = home
        self.back = WhenBack(
            home.use,
            home.book,
            user_of=lambda _: home.user,
            send=lambda _user, text, _id: self.told.append(text),
            clock=lambda: home.now,
        )

    def note(self) -> int:
        """Ada commands a lamp, and openHAB does not answer."""
        lamp = self.home.use.reachable(self.home.user.contact).by_name["Lamp"]
        return self.back.note(self.home.user, lamp, "ON")


@contextmanager
def _looking(waiting: _Waiting) -> Iterator[None]:
    again = LookAgain(waiting.back, waiting.back.look, clock=time.monotonic, pause=0.05)
    again.start()
    try:
        yield
    finally:
        again.stop(time.monotonic() + 5)


def test_openhab_was_only_slow(tmp_path: Path) -> None:
    """Although openHAB was never reported as down or back, the command is carried out, once."""
    with house(tmp_path, Lamp="OFF") as home:
        waiting = _Waiting(home)
        with _looking(waiting):
            number = waiting.note()
            wait_until(lambda: waiting.told == ["Your home is responding again."], 10)
            waiting.back.carry_out_later(number)
            wait_until(lambda: len(waiting.told) == 2, 10)
        assert waiting.told[1] == "Your home is responding again. Lamp is on."
        assert home.commands == [("Lamp", "ON")]


def test_while_openhab_is_down_nobody_is_told_that_it_is_back(tmp_path: Path) -> None:
    """OpenHAB is asked again until it answers."""
    with house(tmp_path, Lamp="OFF") as home:
        waiting = _Waiting(home)
        waiting.back.carry_out_later(waiting.note())
        home.is_down = True
        waiting.back.look()
        assert waiting.told == [] and waiting.back.is_waiting()
        home.is_down = False
        with _looking(waiting):
            wait_until(lambda: home.commands == [("Lamp", "ON")], 10)
        assert len(waiting.told) == 1


def test_after_an_hour_nothing_is_done(tmp_path: Path) -> None:
    """The contact is told that the old command was not carried out."""
    with house(tmp_path, Lamp="OFF") as home:
        waiting = _Waiting(home)
        waiting.back.carry_out_later(waiting.note())
        home.now += _HOUR + 1
        waiting.back.look()
        assert waiting.told == ["Your home is responding again. Nothing was done."]
        assert home.commands == [] and not waiting.back.is_waiting()
