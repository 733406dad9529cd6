"""Events behind one of the same thing that was not delivered."""

from __future__ import annotations

import pytest

from twilio_binding.protocol.events import BridgeEvent, EventAnswer, Outcome, answer_in_order


@pytest.mark.parametrize(
    ("outcome", "tried"),
    [
        ("failed", ["a1", "b1", "b2"]),
        ("not_ready", ["a1", "b1", "b2"]),
        ("unknown_thing", ["a1", "b1", "b2"]),
        ("unknown_channel", ["a1", "b1", "a2", "b2", "a3"]),
        ("bad_state", ["a1", "b1", "a2", "b2", "a3"]),
        ("seen", ["a1", "b1", "a2", "b2", "a3"]),
    ],
)
def test_behind_one_that_may_be_done_later(outcome: Outcome, tried: list[str]) -> None:
    """Events of its thing are skipped and get its outcome, so that all are retried together; other things continue."""
    carried_out: list[str] = []

    def answer(event: BridgeEvent) -> EventAnswer:
        carried_out.append(event.id)
        return EventAnswer(id=event.id, outcome=outcome if event.id == "a1" else "done")

    events = [BridgeEvent(id=one, thing=one[0]) for one in ("a1", "b1", "a2", "b2", "a3")]
    answers = answer_in_order(events, answer)
    assert carried_out == tried
    assert [one.id for one in answers] == ["a1", "b1", "a2", "b2", "a3"]
    assert [one.outcome for one in answers if one.id[0] == "b"] == ["done", "done"]
    behind = {one.outcome for one in answers if one.id in ("a2", "a3")}
    assert behind == ({"done"} if "a2" in tried else {outcome})
