"""Rules on calls, texts and keys in three lines.

    @on_digits("twilio:phone:home:main")
    def menu(call):
        return {"1": "The alarm is on.", "2": "The alarm is off."}.get(call.digits, "There is no such choice.")

What a function returns is said to the caller, or sent to who texted; TwiML is carried out; None leaves it at the
phone's default.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, TypeVar

from openhab_twilio.phones import Result, actions_of_openhab, phone
from twilio_binding.protocol.action_methods import ActionMethods


@dataclass(frozen=True, slots=True, kw_only=True)
class Incoming:
    """A call, keys or a message. Missing values are ""; `fields` is the whole payload."""

    sender: str
    to: str
    body: str
    digits: str
    menu: str
    call_sid: str
    message_sid: str
    media_urls: tuple[str, ...]
    phone: ActionMethods
    fields: dict[str, object] = field(repr=False)


_Function = TypeVar("_Function", bound=Callable[[Incoming], object])


def on_call(uid: str) -> Callable[[_Function], _Function]:
    """Answers calls to the phone thing `uid`."""
    return _on(uid, "call-received", _say)


def on_digits(uid: str, menu: str = "") -> Callable[[_Function], _Function]:
    """Answers keys that callers press; with `menu` only those of {gatherUrl:menu}."""
    return _on(uid, "dtmf-received", _say, menu)


def on_sms(uid: str) -> Callable[[_Function], _Function]:
    """Answers texts and picture messages."""
    return _on(uid, "sms-received", _reply)


def on_whatsapp(uid: str) -> Callable[[_Function], _Function]:
    """Answers WhatsApp messages."""
    return _on(uid, "whatsapp-received", _reply_whatsapp)


def say(text: str) -> str:
    """TwiML that says a text; TwiML is returned unchanged."""
    if text.lstrip().startswith("<"):
        return text
    # The text may come from a stranger, so {gatherUrl} in it is spoken and never replaced by your URL.
    return f"<Response><Say>{_escaped(text)}</Say></Response>"


def _escaped(text: str) -> str:
    # Without xml.sax, because its import takes 0.1 s in GraalPy.
    for character, entity in (("&", "&amp;"), ("<", "&lt;"), (">", "&gt;"), ("{gatherUrl", "&#123;gatherUrl")):
        text = text.replace(character, entity)
    return text


def read(uid: str, fields: dict[str, object]) -> Incoming:
    """The payload of a trigger event of the phone `uid`."""
    urls = fields.get("mediaUrls")

    def text(name: str) -> str:
        return str(fields.get(name, ""))

    return Incoming(
        sender=text("from"),
        to=text("to"),
        body=text("body"),
        digits=text("digits"),
        menu=text("menu"),
        call_sid=text("callSid"),
        message_sid=text("messageSid"),
        media_urls=tuple(str(url) for url in urls) if isinstance(urls, list) else (),
        phone=phone(uid),
        fields=fields,
    )


def _on(
    uid: str, channel: str, answer: Callable[[Incoming, str], Result], menu: str = ""
) -> Callable[[_Function], _Function]:
    def decorate(function: _Function) -> _Function:
        name = f"{getattr(function, '__name__', 'rule')} on {channel} of {uid}"

        def heard(fields: dict[str, object]) -> None:
            incoming = read(uid, fields)
            if menu and incoming.menu != menu:
                return
            answered = function(incoming)
            if answered is None:
                return
            result = answer(incoming, str(answered))
            if not result:
                # The message of a result may contain phone numbers, so only the code is logged in openHAB.
                sys.stderr.write(f"{name}: the returned answer was rejected ({result.code})\n")
                sys.stderr.flush()

        _listen(uid, channel, name, heard)
        return function

    return decorate


def _say(incoming: Incoming, answer: str) -> Result:
    return incoming.phone.respondWithTwiml(incoming.call_sid, say(answer))


def _reply(incoming: Incoming, answer: str) -> Result:
    return incoming.phone.sendSMS(incoming.sender, answer)


def _reply_whatsapp(incoming: Incoming, answer: str) -> Result:
    return incoming.phone.sendWhatsApp(incoming.sender, answer)


def _listen(uid: str, channel: str, name: str, heard: Callable[[dict[str, object]], None]) -> None:
    if actions_of_openhab() is None:
        from openhab_twilio.outside import listen

        listen(uid, channel, heard)
        return
    # This is the helper library inside openHAB, not the REST client of the same name.
    from openhab import rule  # type: ignore[attr-defined]
    from openhab.triggers import ChannelEventTrigger

    def execute(_module: object, given: dict[str, Any]) -> None:
        heard(json.loads(str(given["event"].getEvent())))

    rule(name=name, triggers=[ChannelEventTrigger(f"{uid}:{channel}")])(execute)
