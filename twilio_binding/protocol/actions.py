"""Actions: the definition of an action, and those of a phone: overloads, inputs and results, as openHAB lists them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

from .values import dataclass, replace

Kind = Literal["boolean", "text", "nothing"]
"""The result for a rule: a Boolean, a text that may be null, or nothing."""

RICH = "Result"
"""Suffix of the variants that return the whole result as JSON text. They are for rules: the UI and REST do not list them, because each action would be listed twice."""
SEND_OPTIONS = ("emergency", "notAfter")
"""Arguments of requests for sends besides the inputs."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Input:
    """One input, a text.

    No input is marked as required, because openHAB refuses rules with triggers and required inputs.
    """

    name: str
    label: str
    description: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Overload:
    """One overload of an action."""

    name: str
    label: str
    description: str
    inputs: tuple[Input, ...]
    kind: Kind = "boolean"
    output: str = "Success"
    is_listed: bool = True


def with_twins(listed: Sequence[Overload]) -> tuple[Overload, ...]:
    """The overloads, and for each the variant that returns the whole result."""
    return (*listed, *(replace(one, name=one.name + RICH, kind="text", is_listed=False) for one in listed))


_TO = Input(name="to", label="To", description="Recipient in international form, such as +15551234567")
_MESSAGE = Input(name="message", label="Message", description="The text")
_CAPTION = Input(name="message", label="Message", description="The text; optional with a picture")
_MEDIA = Input(name="mediaUrl", label="Media URL", description="URL of the picture")
_TWIML = Input(name="twiml", label="TwiML", description="TwiML that the call carries out")
_TEXT = Input(name="text", label="Text", description="The text to say")
_VOICE = Input(name="voice", label="Voice", description="Voice, such as Polly.Amy; optional")
_CALL = Input(name="callSid", label="Call SID", description="SID of the waiting call: callSid of the event")
_ITEM = Input(name="itemName", label="Item Name", description="Name of an Image item")
_SOURCE = Input(name="sourceUrl", label="Source URL", description="URL of the picture in your network")

_LISTED = (
    Overload(name="sendSMS", label="send SMS", description="Sends a text message.", inputs=(_TO, _MESSAGE)),
    Overload(
        name="sendSMS",
        label="send MMS",
        description="Sends a picture, with or without a text.",
        inputs=(_TO, _CAPTION, _MEDIA),
    ),
    Overload(
        name="sendWhatsApp", label="send WhatsApp", description="Sends a WhatsApp message.", inputs=(_TO, _MESSAGE)
    ),
    Overload(
        name="sendWhatsApp",
        label="send WhatsApp with media",
        description="Sends a picture by WhatsApp, with or without a text.",
        inputs=(_TO, _CAPTION, _MEDIA),
    ),
    Overload(
        name="makeCall", label="make call", description="Makes a call that carries out TwiML.", inputs=(_TO, _TWIML)
    ),
    Overload(
        name="makeTTSCall", label="make TTS call", description="Makes a call that says a text.", inputs=(_TO, _TEXT)
    ),
    Overload(
        name="makeTTSCall",
        label="make TTS call with voice",
        description="Makes a call that says a text in a voice of your choice.",
        inputs=(_TO, _TEXT, _VOICE),
    ),
    Overload(
        name="createItemMediaUrl",
        label="create item media URL",
        description="Creates a public URL for the picture of an Image item. It works for five minutes.",
        inputs=(_ITEM,),
        kind="text",
        output="Media URL",
    ),
    Overload(
        name="createProxyMediaUrl",
        label="create proxy media URL",
        description="Creates a public URL for a picture in your network. It works for five minutes.",
        inputs=(_SOURCE,),
        kind="text",
        output="Media URL",
    ),
    Overload(
        name="respondWithTwiml",
        label="respond with TwiML",
        description="Answers a waiting call with TwiML.",
        inputs=(_CALL, _TWIML),
        kind="nothing",
    ),
)

ACTIONS = with_twins(_LISTED)
NAMES = tuple(dict.fromkeys(one.name for one in _LISTED))
RESPOND = "respondWithTwiml"
"""The action that answers a waiting caller."""


def inputs_of(name: str, count: int, actions: Sequence[Overload] = ACTIONS) -> tuple[str, ...]:
    """The names of the inputs of the overload `name` with `count` inputs; raises KeyError."""
    for action in actions:
        if action.name == name and len(action.inputs) == count:
            return tuple(one.name for one in action.inputs)
    raise KeyError(name)


def arguments_of(name: str, actions: Sequence[Overload] = ACTIONS) -> tuple[str, ...]:
    """The names of the arguments that requests for an action may have; empty if there is no such action."""
    found = (one for one in actions if one.name == name and one.is_listed)
    longest = max(found, key=lambda one: len(one.inputs), default=None)
    if longest is None:
        return ()
    inputs = tuple(one.name for one in longest.inputs)
    return (*inputs, *SEND_OPTIONS) if "to" in inputs else inputs
