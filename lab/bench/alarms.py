"""The speed of alarms: from ON at the item to Twilio, and from key 1 to the end of the other calls."""

from __future__ import annotations

import time
from collections.abc import Iterator
from typing import Any

import requests

from lab.bench.lines import Figure, percentile
from lab.bench.slow import FLUSH
from lab.standins.stack import Stack
from twilio_binding.sandbox.waiting import until

_ADA, _BOB = "+15557650001", "+15557650002"
_ACCOUNT = "twilio:account:myaccount"
_THINGS = f"""
Thing twilio:contact:myaccount:ada "Ada" ({_ACCOUNT}) [ phoneNumber="{_ADA}", rights="acknowledge" ]
Thing twilio:contact:myaccount:bob "Bob" ({_ACCOUNT}) [ phoneNumber="{_BOB}", rights="acknowledge" ]
Thing twilio:alarm:myaccount:text "Text" ({_ACCOUNT}) [ steps="text ada; wait 5m", message="Smoke" ]
Thing twilio:alarm:myaccount:call "Call" ({_ACCOUNT}) [ steps="call ada,bob; wait 5m", message="Smoke", maxPerHour=60 ]
"""
_ITEMS = """
Switch Text_active { channel="twilio:alarm:myaccount:text:active" }
Switch Call_active { channel="twilio:alarm:myaccount:call:active" }
String Text_state { channel="twilio:alarm:myaccount:text:state" }
String Call_state { channel="twilio:alarm:myaccount:call:state" }
"""


def alarms(stack: Stack, quick: bool) -> Iterator[Figure]:  # noqa: FBT001
    """Alarms, one after the other; then on a disk with slow flushes, where three times as long is allowed."""
    stack.things.with_name("alarms.things").write_text(_THINGS, encoding="utf-8")
    (stack.folder / "items" / "alarms.items").write_text(_ITEMS, encoding="utf-8")
    until(lambda: "idle" in stack.openhab.states("Call_state"), "the alarms to be known")
    starts, keys = (15, 5) if quick else (100, 25)
    yield from _figures(stack, "alarm", 1, starts, keys)
    stack.slow_disk(FLUSH)
    yield from _figures(stack, "slow disk: alarm", 3, starts, keys)


def _figures(stack: Stack, name: str, factor: int, starts: int, keys: int) -> Iterator[Figure]:
    times = [_to_twilio(stack) for _ in range(starts)][2:]
    for part, most in ((0.5, 60), (0.99, 250)):
        what = f"{name}: ON on the item to Twilio p{part * 100:.0f}"
        yield Figure.at_most(what, percentile(times, part), most * factor, form=".0f")
    times = [_to_hang_up(stack) for _ in range(keys)]
    what = f"{name}: key 1 to the end of the other call p99"
    yield Figure.at_most(what, percentile(times, 0.99), 500 * factor, form=".0f")


def _to_twilio(stack: Stack) -> float:
    """Milliseconds from the command until Twilio has the text."""
    began = _start(stack, "Text")
    text = until(lambda: _newest(stack.twilio.messages(1), began), "the text")
    _end(stack, "Text")
    return float(text["at"] - began) * 1000


def _to_hang_up(stack: Stack) -> float:
    """Milliseconds from Bob's key until the end of Ada's call."""
    stack.twilio.configure(pace=0.5)
    stack.twilio.contact(_ADA, script=[""])
    stack.twilio.contact(_BOB, script=["1"])
    seen = max((one["n"] for one in stack.twilio.webhooks.sent()), default=0)
    began = _start(stack, "Call")
    call = until(
        lambda: _newest([one for one in stack.twilio.calls(4) if one["to"] == _ADA and one["ended_at"]], began), ""
    )
    keys = [one for one in stack.twilio.webhooks.sent(seen) if one["form"].get("Digits") == "1"]
    _end(stack, "Call")
    stack.twilio.configure(pace=0.0)
    return float(call["ended_at"] - keys[-1]["at"]) * 1000


def _start(stack: Stack, alarm: str) -> float:
    began = time.monotonic()
    _command(stack, f"{alarm}_active", "ON")
    return began


def _end(stack: Stack, alarm: str) -> None:
    _command(stack, f"{alarm}_active", "OFF")
    until(lambda: stack.openhab.states(f"{alarm}_state")[-1] == "idle", "the alarm to end")


def _command(stack: Stack, item: str, command: str) -> None:
    url = f"{stack.openhab.url}/rest/items/{item}"
    requests.post(url, command, headers={"Content-Type": "text/plain"}, timeout=5).raise_for_status()


def _newest(found: list[dict[str, Any]], began: float) -> dict[str, Any] | None:
    return next((one for one in reversed(found) if one["at"] > began), None)
