"""Steps of the demo that need no rule: a contact uses items by text and by phone."""

from __future__ import annotations

from twilio_binding.sandbox.observer import Observer
from twilio_binding.sandbox.stack import Stack
from twilio_binding.sandbox.waiting import until

_ADA = "+15557654399"
_CONTACT = f'    Thing contact ada "Ada" [ phoneNumber="{_ADA}", language="en", rights="read,command" ]\n}}'
_NUMBER = 'phoneNumber="+15551234567"'
_ITEMS = 'Switch Porch_Light "Porch light" { twilio="porch light" [ key=1 ] }\n'


def text_command(stack: Stack, see: Observer) -> str:
    """A contact switches an item by text, and the reply confirms it. Returns the line that the demo prints."""
    (stack.folder / "items" / "porch.items").write_text(_ITEMS, encoding="utf-8")
    text = stack.things.read_text(encoding="utf-8").replace("\n}", f"\n{_CONTACT}")
    stack.things.write_text(text.replace(_NUMBER, f"{_NUMBER}, commands=true, menu=true"), encoding="utf-8")
    until(lambda: "Porch light is" in _reply(stack, "porch light"), "the item to be known")
    reply = _reply(stack, "porch light on")
    see.item("Porch_Light", "ON")
    see.expect(reply == "Porch light is on.", f"the reply was {reply}")
    return f"metadata twilio, no rule: “porch light on”, and the reply is “{reply}”"


def menu_call(stack: Stack, see: Observer) -> str:
    """The same contact calls, hears the state, and presses the key. Returns the line that the demo prints."""
    said = stack.twilio.call(["1"], caller=_ADA).said
    see.item("Porch_Light", "OFF")
    see.expect(said[0].startswith("Porch light is on. To switch it off, press 1."), f"the caller heard {said}")
    return f"“{said[0].partition('. For')[0]}”, key 1: “{said[1].partition('.')[0]}”"


def _reply(stack: Stack, text: str) -> str:
    answer = str(stack.twilio.receive_sms(text, sender=_ADA)["answer"])
    return answer.partition("<Message>")[2].partition("</Message>")[0]
