"""The speed of commands by text: from the webhook to the reply with the effect, with a few items and with a thousand."""

from __future__ import annotations

from collections.abc import Iterator

from lab.bench.lines import Figure, percentile
from lab.standins.stack import Stack
from twilio_binding.sandbox.waiting import SandboxError, until

_ADA = "+15557650009"
_CONTACT = f'    Thing contact ada "Ada" [ phoneNumber="{_ADA}", language="en", rights="read,command" ]\n}}'
_FEW = 'Switch Kitchen_Light "Kitchen light" { twilio="kitchen light" }\n'
_MANY = "".join(f'Switch Lamp_{number} "Lamp {number}" {{ twilio="lamp {number}" }}\n' for number in range(1000))


def item_use(stack: Stack, quick: bool) -> Iterator[Figure]:  # noqa: FBT001
    """Commands by text, one after the other."""
    text = stack.things.read_text(encoding="utf-8").replace("\n}", f"\n{_CONTACT}")
    text = text.replace('phoneNumber="+15551234567"', 'phoneNumber="+15551234567", commands=true')
    (stack.folder / "items" / "few.items").write_text(_FEW, encoding="utf-8")
    stack.things.write_text(text, encoding="utf-8")
    until(lambda: "is on" in _say(stack, "kitchen light on")[0], "the item to be known")
    count = 30 if quick else 300
    few = _times(stack, count)
    p50 = percentile(few, 0.5)
    yield Figure.at_most("text to the reply of its command p50", p50, 40, form=".0f")
    yield Figure.at_most("text to the reply of its command p99", percentile(few, 0.99), 150, form=".0f")
    (stack.folder / "items" / "many.items").write_text(_MANY, encoding="utf-8")
    until(lambda: "is on" in _say(stack, "lamp 999 on")[0], "a thousand items to be known", 60)
    more = percentile(_times(stack, count), 0.5) - p50
    yield Figure.at_most("the same with 1,000 more items p50", more, 2, form="+.1f")


def _times(stack: Stack, count: int) -> list[float]:
    """Milliseconds of so many commands."""
    found = [_say(stack, f"kitchen light {('off', 'on')[number % 2]}") for number in range(count)]
    if any("Kitchen light is" not in answer for answer, _ in found):
        raise SandboxError("a text was not answered with what its command did")
    return [ms for _, ms in found]


def _say(stack: Stack, text: str) -> tuple[str, float]:
    """The answer to a text, and its duration."""
    webhook = stack.twilio.receive_sms(text, sender=_ADA)
    return str(webhook["answer"]), float(webhook["ms"])
