"""Commands of contacts to items when openHAB fails halfway."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.conftest import Announced
from tests.unit.people.house import House, house
from twilio_binding.errors import DependencyDownError
from twilio_binding.people.call_back import CallBack, command_in
from twilio_binding.protocol.requests import Request


def test_a_command_that_is_out_is_never_told_as_not_done(tmp_path: Path) -> None:
    """If the state cannot be read afterwards, the reply says "sent": otherwise people would command again."""
    with house(tmp_path, Lamp="OFF", Siren="OFF") as home:
        home.fails_after = True
        assert home.command("Lamp", "ON") == "Lamp: on, sent."
        last = home.book.last(str(home.user.contact.uid), within=60)
        assert last is not None and (last.item, last.result) == ("Lamp", "sent")
        assert home.commands == [("Lamp", "ON")]


def test_a_lost_answer_is_looked_up(tmp_path: Path) -> None:
    """The state shows whether the command arrived."""
    with house(tmp_path, Lamp="OFF") as home:
        home.loses = True
        assert home.command("Lamp", "ON") == "Lamp is on."
        assert home.commands == [("Lamp", "ON")]


def test_what_never_went_out_is_told_as_such(tmp_path: Path) -> None:
    """So that the contact can have it done later."""
    with house(tmp_path, Lamp="OFF") as home:
        home.use.reachable(home.user.contact)
        home.is_down = True
        with pytest.raises(DependencyDownError):
            home.command("Lamp", "ON")
        assert home.commands == [] and home.book.last(str(home.user.contact.uid), within=60) is None


def test_an_interpreter_leaves_nothing_to_undo(tmp_path: Path) -> None:
    """Its effect is unknown, so undo must not take back the command before it."""
    with house(tmp_path, Lamp="OFF") as home:
        home.command("Lamp", "ON")
        assert home.use.interpret(home.user, "system", "open the cellar") == "Ok."
        assert home.use.commanded_last(home.user.contact) is None
        assert home.use.undo(home.user) == "There is nothing to undo."
        assert home.states["Lamp"] == "ON"


def _group_of_three(home: House) -> None:
    """A group of three lamps and a command to it; C has no metadata."""
    home.entries.append(
        {**home.entries[0], "name": "All", "type": "Group", "label": "All", "metadata": {"twilio": {"value": "all"}}}
    )
    home.states["All"] = "NULL"
    for one in home.entries[:3]:
        one["groupNames"] = ["All"]
    home.entries[2]["metadata"] = {}
    assert home.command("All", "ON") == "All: on."
    home.commands.clear()


@pytest.mark.parametrize(
    ("status", "told"), [(400, "Undone: A, 1 more. Not undone: B."), (503, "Undone: A. Not undone: B, 1 more.")]
)
def test_a_group_that_is_undone_in_part(tmp_path: Path, announced: Announced, status: int, told: str) -> None:
    """The reply says what was restored and what was not; the next undo continues with that. Items without metadata have no names."""
    announced("items.refused")
    with house(tmp_path, A="OFF", B="OFF", C="OFF") as home:
        _group_of_three(home)
        home.refuses["B"] = status
        assert home.use.undo(home.user) == told
        assert home.states["A"] == "OFF" and home.states["B"] == "ON"
        last = home.book.newest(1)[0]
        assert (last.item, last.result) == ("All", "undone_partly")
        home.refuses.clear()
        home.commands.clear()
        home.use.undo(home.user)
        assert ("B", "OFF") in home.commands and ("A", "OFF") not in home.commands
        assert home.book.newest(1)[0].result == "undone"
        assert home.use.undo(home.user) == "There is nothing to undo."


def test_the_states_of_a_group_after_undo(tmp_path: Path) -> None:
    """The reply has those that the members got, and not those that they still have when openHAB accepts the commands."""
    with house(tmp_path, A="OFF", B="OFF", C="OFF") as home:
        _group_of_three(home)
        home.is_late = True
        assert home.use.undo(home.user) == "All: A off, B off"


def test_a_group_of_which_nothing_is_undone(tmp_path: Path, announced: Announced) -> None:
    """If openHAB refuses all, the reply says so, and undo can be repeated; if it is down, nothing is recorded as undone."""
    announced("items.refused")
    with house(tmp_path, A="OFF", B="OFF", C="OFF") as home:
        _group_of_three(home)
        home.refuses = dict.fromkeys("ABC", 400)
        assert home.use.undo(home.user) == "All does not accept that."
        assert home.book.newest(1)[0].result == "refused"
        home.refuses = dict.fromkeys("ABC", 503)
        with pytest.raises(DependencyDownError):
            home.use.undo(home.user)
        home.refuses.clear()
        home.use.undo(home.user)
        assert [home.states[one] for one in "ABC"] == ["OFF"] * 3


@pytest.mark.parametrize("value", ["ON", "a~b", "50 %", "~~", "Über 21 °C", "a.b&c=d"])
def test_the_command_of_a_call_back(tmp_path: Path, value: str) -> None:
    """It returns unchanged from the step, whatever it contains."""
    asked: list[Request] = []
    with house(tmp_path, Gate="OFF") as home:
        CallBack(asked.append)(home.user, home.use.reachable(home.user.contact).by_name["Gate"], value)
    step = re.search(r"\{gatherUrl:items\.called\.Gate\.([A-Za-z0-9_.~-]*)\}", str(asked[0].args["twiml"]))
    assert step is not None and command_in(step[1]) == value


@pytest.mark.parametrize(("name", "step"), [("Gate", "items.called.Gate.ON"), ("G" * 60, "items.start")])
def test_call_back(tmp_path: Path, name: str, step: str) -> None:
    """If a command is too long for a step, the call begins with the menu, and no key commands anything unasked."""
    asked: list[Request] = []
    with house(tmp_path, **{name: "OFF"}) as home:
        CallBack(asked.append)(home.user, home.use.reachable(home.user.contact).by_name[name], "ON")
    assert f"{{gatherUrl:{step}}}" in str(asked[0].args["twiml"])
    assert ("Press any key." in str(asked[0].args["twiml"])) == (step == "items.start")
