"""The actions of a phone as openHAB lists them: names, overloads, labels, inputs and results."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Literal

Kind = Literal["boolean", "text", "nothing"]
"""What a rule gets: a Boolean, a text that may be null, or nothing."""

RICH = "Result"
"""Ends the names of the twins that give the whole result as JSON text. They are for rules: the UI and REST do not list
them, because each action would stand there twice."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Input:
    """One input, a text.

    None is marked as required: openHAB refuses rules that have triggers and set required inputs by configuration.
    """

    name: str
    label: str
    description: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Action:
    """One overload of an action."""

    name: str
    label: str
    description: str
    inputs: tuple[Input, ...]
    kind: Kind = "boolean"
    output: str = "Success"
    is_listed: bool = True


_TO = Input(name="to", label="To", description="Who gets it, in the international form +15551234567")
_MESSAGE = Input(name="message", label="Message", description="The text")
_CAPTION = Input(name="message", label="Message", description="The text; may be left out beside a picture")
_MEDIA = Input(name="mediaUrl", label="Media URL", description="Address of the picture")
_TWIML = Input(name="twiml", label="TwiML", description="What the call does, as TwiML")
_TEXT = Input(name="text", label="Text", description="What is said")
_VOICE = Input(name="voice", label="Voice", description="Who says it, such as Polly.Amy; may be left out")
_CALL = Input(name="callSid", label="Call SID", description="The waiting call, from the event's callSid")
_ITEM = Input(name="itemName", label="Item Name", description="An Image item")
_SOURCE = Input(name="sourceUrl", label="Source URL", description="Address of the picture in your network")

_PLAIN = (
    Action(name="sendSMS", label="send SMS", description="Sends a text message.", inputs=(_TO, _MESSAGE)),
    Action(
        name="sendSMS",
        label="send MMS",
        description="Sends a picture, with or without a text.",
        inputs=(_TO, _CAPTION, _MEDIA),
    ),
    Action(name="sendWhatsApp", label="send WhatsApp", description="Sends a WhatsApp text.", inputs=(_TO, _MESSAGE)),
    Action(
        name="sendWhatsApp",
        label="send WhatsApp with media",
        description="Sends a picture by WhatsApp, with or without a text.",
        inputs=(_TO, _CAPTION, _MEDIA),
    ),
    Action(name="makeCall", label="make call", description="Calls and carries out TwiML.", inputs=(_TO, _TWIML)),
    Action(name="makeTTSCall", label="make TTS call", description="Calls and says a text.", inputs=(_TO, _TEXT)),
    Action(
        name="makeTTSCall",
        label="make TTS call with voice",
        description="Calls and says a text in a voice of your choice.",
        inputs=(_TO, _TEXT, _VOICE),
    ),
    Action(
        name="createItemMediaUrl",
        label="create item media URL",
        description="Gives the picture of an Image item a public address for five minutes.",
        inputs=(_ITEM,),
        kind="text",
        output="Media URL",
    ),
    Action(
        name="createProxyMediaUrl",
        label="create proxy media URL",
        description="Gives what a local address shows now a public address for five minutes.",
        inputs=(_SOURCE,),
        kind="text",
        output="Media URL",
    ),
    Action(
        name="respondWithTwiml",
        label="respond with TwiML",
        description="Answers a caller who waits.",
        inputs=(_CALL, _TWIML),
        kind="nothing",
    ),
)


def _twins() -> Iterator[Action]:
    for action in _PLAIN:
        yield replace(action, name=action.name + RICH, kind="text", is_listed=False)


ACTIONS = (*_PLAIN, *_twins())


def inputs_of(name: str, count: int) -> tuple[str, ...]:
    """Names of the inputs of the overload `name` with `count` inputs; raises KeyError."""
    for action in ACTIONS:
        if action.name == name and len(action.inputs) == count:
            return tuple(one.name for one in action.inputs)
    raise KeyError(name)
