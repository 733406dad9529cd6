"""Commands of contacts to items, where openHAB fails in the middle of them."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.unit.people.house import house
from twilio_binding.errors import DependencyDownError
from twilio_binding.people.call_back import CallBack
from twilio_binding.protocol.requests import Request


def test_a_command_that_is_out_is_never_told_as_not_done(tmp_path: Path) -> None:
    """Where the state cannot be read after it, it is sent: whoever is told that it was not done commands again."""
    with house(tmp_path, Lamp="OFF", Siren="OFF") as home:
        home.fails_after = True
        assert home.command("Lamp", "ON") == "Lamp: on, sent."
        last = home.book.last(str(home.user.contact.uid), within=60)
        assert last is not None and (last.item, last.result) == ("Lamp", "sent")
        assert home.commands == [("Lamp", "ON")]


def test_a_lost_answer_is_looked_up(tmp_path: Path) -> None:
    """The state tells whether the command arrived."""
    with house(tmp_path, Lamp="OFF") as home:
        home.loses = True
        assert home.command("Lamp", "ON") == "Lamp is on."
        assert home.commands == [("Lamp", "ON")]


def test_what_never_went_out_is_told_as_such(tmp_path: Path) -> None:
    """So that the contact may have it done later."""
    with house(tmp_path, Lamp="OFF") as home:
        home.use.reachable(home.user.contact)
        home.is_down = True
        with pytest.raises(DependencyDownError):
            home.command("Lamp", "ON")
        assert home.commands == [] and home.book.last(str(home.user.contact.uid), within=60) is None


def test_an_interpreter_leaves_nothing_to_undo(tmp_path: Path) -> None:
    """Nobody knows what it did: undo must not take back the command before it."""
    with house(tmp_path, Lamp="OFF") as home:
        home.command("Lamp", "ON")
        assert home.use.interpret(home.user, "system", "open the cellar") == "Ok."
        assert home.use.can_undo(home.user.contact) is None
        assert home.use.undo(home.user) == "There is nothing to undo."
        assert home.states["Lamp"] == "ON"


@pytest.mark.parametrize(("name", "step"), [("Gate", "items.called.Gate.ON"), ("G" * 60, "items.start")])
def test_call_back(tmp_path: Path, name: str, step: str) -> None:
    """Where a command is too long for a step, the call begins with the menu: no key commands anything unasked."""
    asked: list[Request] = []
    with house(tmp_path, **{name: "OFF"}) as home:
        CallBack(asked.append)(home.user, home.use.reachable(home.user.contact).by_name[name], "ON")
    assert f"{{gatherUrl:{step}}}" in str(asked[0].args["twiml"])
    assert ("Press any key." in str(asked[0].args["twiml"])) == (step == "items.start")
