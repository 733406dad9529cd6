"""The actions of a phone: reads and checks the arguments of requests before Twilio is asked."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from urllib.parse import urlsplit

from twilio_binding.model import twiml
from twilio_binding.model.numbers import parse_recipient
from twilio_binding.model.segments import utf16_units
from twilio_binding.protocol.actions import NAMES, arguments_of
from twilio_binding.protocol.errors import Refusal

MAX_BODY = 1600
MAX_MEDIA = 10
MAX_RECIPIENTS = 100
_ARGUMENTS = {name: arguments_of(name) for name in NAMES}


@dataclass(frozen=True, slots=True, kw_only=True)
class SendMessage:
    """A text or picture for each of `to`, by SMS or WhatsApp (then `to` has the prefix).

    `emergency` ignores the limits; after `not_after` (seconds since 1970, 0 for never) it is not sent. `alarm`: it
    belongs to an alarm, so only Twilio and the end of the alarm stop it. A WhatsApp `template` is a Content SID, which
    Twilio fills with `variables` (JSON); `body` is sent if Twilio refuses the template.
    """

    to: tuple[str, ...]
    body: str
    media: tuple[str, ...] = ()
    whatsapp: bool = False
    emergency: bool = False
    not_after: float = 0.0
    alarm: bool = False
    template: str = ""
    variables: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class MakeCall:
    """A call to each of `to` that carries out `twiml`; in a template, `{gatherUrl}` is still to be replaced.

    In a call of an `alarm`, Twilio detects answering machines.
    """

    to: tuple[str, ...]
    twiml: str
    is_template: bool = True
    emergency: bool = False
    not_after: float = 0.0
    alarm: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Respond:
    """The answer of a rule to the held request of a call."""

    call_sid: str
    twiml: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ItemMedia:
    """A public URL for the picture of an Image item."""

    item: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ProxyMedia:
    """A public URL for the current content of `source`."""

    source: str


Send = SendMessage | MakeCall
ALARM_TEXT, ALARM_WHATSAPP, ALARM_CALL = "alarmText", "alarmWhatsApp", "alarmCall"
ALARM_SENDS = (ALARM_TEXT, ALARM_WHATSAPP, ALARM_CALL)
"""Sends for alarms."""
CONTACT_CALL = "contactCall"
"""A call to a contact, without placeholders."""
INTERNAL = (*ALARM_SENDS, CONTACT_CALL)
"""Actions that only the service itself may request."""
Action = Send | Respond | ItemMedia | ProxyMedia


def read(name: str, args: Mapping[str, object]) -> Action:
    """The action of a request; raises `Refusal` with what is wrong and what to do."""
    known = _ARGUMENTS.get(name)
    if known is None:
        raise Refusal("unknown_action", f"unknown action; use one of {', '.join(NAMES)}")
    unknown = [key for key in args if key not in known]
    if unknown:
        raise Refusal("bad_argument", f"{name} has no argument {unknown[0]!r:.60}; it has {', '.join(known)}")
    match name:
        case "sendSMS" | "sendWhatsApp":
            return _message(args, whatsapp=name == "sendWhatsApp")
        case "makeCall":
            return _call(args, text_argument(args, "twiml"), is_template=True)
        case "makeTTSCall":
            # The text may come from a stranger, so no placeholders are replaced.
            spoken = twiml.speech(text_argument(args, "text"), text_argument(args, "voice", optional=True))
            return _call(args, spoken, is_template=False)
        case "respondWithTwiml":
            return Respond(call_sid=text_argument(args, "callSid").strip(), twiml=text_argument(args, "twiml"))
        case "createItemMediaUrl":
            return ItemMedia(item=text_argument(args, "itemName").strip())
        case _:
            return ProxyMedia(source=text_argument(args, "sourceUrl").strip())


def read_send(name: str, args: Mapping[str, object]) -> Send:
    """The message or call of a request; raises `Refusal`, also for actions that send nothing."""
    if name == ALARM_CALL:
        return replace(_call(args, text_argument(args, "twiml"), is_template=True), alarm=True)
    if name == CONTACT_CALL:
        return _call(args, text_argument(args, "twiml"), is_template=False)
    if name in ALARM_SENDS:
        template, variables = (text_argument(args, key, optional=True) for key in ("template", "variables"))
        return replace(
            _message(args, whatsapp=name == ALARM_WHATSAPP), alarm=True, template=template, variables=variables
        )
    action = read(name, args)
    if not isinstance(action, SendMessage | MakeCall):
        raise Refusal("unknown_action", f"{name} sends nothing")
    return action


def not_after(args: Mapping[str, object]) -> float:
    """The time after which a send must not go out, in seconds since 1970, 0 for none; raises `Refusal`."""
    value = args.get("notAfter")
    if value is None:
        return 0.0
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 < value < 1e15:
        raise Refusal("bad_argument", "notAfter must be a time in milliseconds since 1970")
    return value / 1000


def _call(args: Mapping[str, object], document: str, *, is_template: bool) -> MakeCall:
    return MakeCall(
        to=_recipients(args),
        twiml=twiml.check_inline(document),
        is_template=is_template,
        emergency=_emergency(args),
        not_after=not_after(args),
    )


def _emergency(args: Mapping[str, object]) -> bool:
    value = args.get("emergency")
    if value is not None and not isinstance(value, bool):
        raise Refusal("bad_argument", "emergency must be true or false")
    return bool(value)


def _message(args: Mapping[str, object], *, whatsapp: bool) -> SendMessage:
    body = text_argument(args, "message", optional=True)
    media = tuple(_media(url) for url in _list(args, "mediaUrl", optional=True))
    if not body.strip() and not media:
        raise Refusal("empty_message", "a message needs a text or a media URL")
    length = utf16_units(body)
    if length > MAX_BODY:
        raise Refusal(
            "too_long",
            f"a message can have at most {MAX_BODY} characters; this one has {length} (an emoji counts as two)",
        )
    if len(media) > MAX_MEDIA:
        raise Refusal("too_many_media", f"a message can have at most {MAX_MEDIA} media URLs")
    if whatsapp and len(media) > 1:
        raise Refusal("too_many_media", "a WhatsApp message can have only 1 media URL; send one message for each")
    return SendMessage(
        to=_recipients(args, whatsapp=whatsapp),
        body=body,
        media=media,
        whatsapp=whatsapp,
        emergency=_emergency(args),
        not_after=not_after(args),
    )


def _recipients(args: Mapping[str, object], *, whatsapp: bool = False) -> tuple[str, ...]:
    numbers = _list(args, "to")
    if len(numbers) > MAX_RECIPIENTS:
        raise Refusal("too_many_recipients", f"a request can have at most {MAX_RECIPIENTS} recipients")
    return tuple(dict.fromkeys(parse_recipient(number, whatsapp=whatsapp) for number in numbers))


def _media(url: str) -> str:
    url = url.strip()
    try:
        parts = urlsplit(url)
        usable = parts.scheme in ("http", "https") and bool(parts.hostname)
    except ValueError:
        usable = False
    if not usable:
        raise Refusal("bad_media_url", "a media URL must be a public http or https address")
    return url


def text_argument(args: Mapping[str, object], key: str, *, optional: bool = False) -> str:
    """A text argument, "" if it is missing; raises `Refusal`."""
    value = args.get(key)
    if value is None:
        value = ""
    if not isinstance(value, str):
        raise Refusal("bad_argument", f"{key} must be a string")
    if not value.strip() and not optional:
        raise Refusal("missing_argument", f"{key} is missing or empty")
    try:
        value.encode()
    except UnicodeEncodeError:
        raise Refusal("bad_argument", f"{key} contains an incomplete character (a lone surrogate)") from None
    return value


def _list(args: Mapping[str, object], key: str, *, optional: bool = False) -> Sequence[str]:
    value = args.get(key)
    if not isinstance(value, list):
        text = text_argument(args, key, optional=optional)
        return [text] if text.strip() else []
    if not value and not optional:
        raise Refusal("missing_argument", f"{key} is an empty list")
    if not all(isinstance(entry, str) for entry in value):
        raise Refusal("bad_argument", f"{key} must be a list of strings")
    return [text_argument({key: entry}, key) for entry in value]
