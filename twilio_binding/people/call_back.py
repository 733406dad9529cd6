"""Calls contacts back whose number may be forged, before they command an item with `callback`."""

from __future__ import annotations

from collections.abc import Callable
from secrets import token_hex
from urllib.parse import quote, unquote

from twilio_binding.model.sentences.items import ReachableItem
from twilio_binding.people.item_use import ItemUser
from twilio_binding.people.menu_pages import PREFIX, confirmation, speaker_of
from twilio_binding.protocol.requests import Request

CONFIRM = "called"
"""The step of the menu that confirms a command by text."""
_LONGEST = 64
"""Maximum characters of a menu's name in a placeholder."""


class CallBack:
    """Makes the calls, to the contact's own number. `begin` begins a request."""

    def __init__(self, begin: Callable[[Request], None]) -> None:
        self._begin = begin

    def __call__(self, user: ItemUser, item: ReachableItem | None = None, value: str = "") -> None:
        """Call somebody, who hears the menu after a key; or only confirms a command with key 1."""
        texts, step, question = user.texts, f"{PREFIX}start", user.texts.phrase("Press any key.")
        if item is not None:
            written = f"{PREFIX}{CONFIRM}.{item.name}.{_written(value)}"
            fits = len(written) <= _LONGEST and item.name.isascii()
            if fits:  # otherwise any key opens the menu, and does not command its first entry
                step, question = written, confirmation(texts, item, value)
        hello = speaker_of(user).say(question)
        gather = f'<Gather input="dtmf" numDigits="1" action="{{gatherUrl:{step}}}" method="POST">{hello}</Gather>'
        args: dict[str, object] = {"to": user.contact.phone_number, "twiml": f"<Response>{gather}</Response>"}
        self._begin(Request(thing=user.phone, action="makeCall", args=args, id=f"callback-{token_hex(8)}"))


def command_in(step: str) -> str:
    """The command in the step of a call back."""
    return unquote(step.replace("~", "%"))


def _written(value: str) -> str:
    return quote(value, safe="").replace("~", "%7E").replace("%", "~")
