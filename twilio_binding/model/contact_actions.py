"""The actions of a contact: reads and checks the arguments of requests before anything is sent."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from itertools import chain
from typing import Literal

from twilio_binding.model.actions import MAX_BODY, text_argument
from twilio_binding.model.segments import utf16_units
from twilio_binding.protocol.actions import arguments_of
from twilio_binding.protocol.contact import ASK, CALL, CONTACT, SEND
from twilio_binding.protocol.errors import Refusal

Kind = Literal["text", "call"]

_MOST_ANSWERS = 9
_LONGEST_ANSWER = 40
_MOST_MINUTES = 1440
_SIGNS = re.compile(r"[\s.!,;:()#\"'\u201c-\u201e\u00ab\u00bb\ufe0f\u20e3]+")


@dataclass(frozen=True, slots=True, kw_only=True)
class ContactSend:
    """A text, perhaps with a picture, or the text of a call. `passed` are the contacts that it did not reach."""

    kind: Kind
    text: str
    media: str = ""
    passed: tuple[str, ...] = ()
    is_question: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """A question; the last answer is the default."""

    text: str
    answers: tuple[str, ...]
    minutes: int

    @property
    def default(self) -> str:
        """The answer that counts if none arrives in time."""
        return self.answers[-1]

    @property
    def is_numbered(self) -> bool:
        """Whether the answers have numbers: not if one is a number itself, because nobody would know which is meant."""
        return not any(answer.isdecimal() for answer in self.answers)

    @property
    def asked(self) -> str:
        """The text to send."""
        named = [f"{number} {answer}" if self.is_numbered else answer for number, answer in enumerate(self.answers, 1)]
        return f"{self.text} ({', '.join(named)})"

    def answer_in(self, body: str) -> str | None:
        """The answer in a text, by number or words; None if there is none."""
        said = _bare(body)
        if not said:
            return None
        if self.is_numbered and said.isdecimal() and len(said) < 3 and 0 < int(said) <= len(self.answers):
            return self.answers[int(said) - 1]
        exact = (answer for answer in self.answers if answer.casefold() == body.strip().casefold())
        found = (answer for answer in self.answers if _bare(answer) == said)
        named = (answer for number, answer in enumerate(self.answers, 1) if f"{number} {_bare(answer)}" == said)
        return next(chain(exact, found, named if self.is_numbered else ()), None)


def read_contact_action(name: str, args: Mapping[str, object]) -> ContactSend | Question:
    """The action of a request; raises `Refusal`."""
    known = arguments_of(name, CONTACT.actions)
    unknown = [key for key in args if key not in known]
    if unknown:
        raise Refusal("bad_argument", f"{name} has no argument {unknown[0]!r:.60}; it has {', '.join(known)}")
    match name:
        case _ if name == SEND:
            media = text_argument(args, "mediaUrl", optional=True)
            return _send("text", text_argument(args, "text", optional=bool(media)), media)
        case _ if name == CALL:
            return _send("call", text_argument(args, "text"))
        case _ if name == ASK:
            return _question(args)
        case _:
            raise Refusal("unknown_action", f"a contact has no action {name:.60}; use {SEND}, {CALL} or {ASK}")


def text_to(text: str) -> ContactSend:
    """The text of a command to `message`; raises `Refusal`."""
    return _send("text", text)


def _send(kind: Kind, text: str, media: str = "") -> ContactSend:
    length = utf16_units(text)
    if length > MAX_BODY:
        raise Refusal(
            "too_long", f"a text can have at most {MAX_BODY} characters; this one has {length} (an emoji counts as two)"
        )
    return ContactSend(kind=kind, text=text, media=media.strip())


def _question(args: Mapping[str, object]) -> Question:
    given = args.get("answers")
    written = given if isinstance(given, list) else text_argument(args, "answers").split(",")
    answers = tuple(dict.fromkeys(str(answer).strip() for answer in written if str(answer).strip()))
    if not 1 < len(answers) <= _MOST_ANSWERS:
        raise Refusal("bad_argument", f"give 2 to {_MOST_ANSWERS} answers, separated by commas, such as yes,no")
    if any(len(answer) > _LONGEST_ANSWER for answer in answers):
        raise Refusal("bad_argument", f"an answer can have at most {_LONGEST_ANSWER} characters")
    question = Question(text=text_argument(args, "question"), answers=answers, minutes=_minutes(args.get("minutes")))
    _send("text", question.asked)
    return question


def _bare(text: str) -> str:
    """A text without case, signs around words, and what makes a digit a picture of a key."""
    return _SIGNS.sub(" ", unicodedata.normalize("NFC", text)).strip().casefold()


def _minutes(value: object) -> int:
    if isinstance(value, str) and value.strip().isdecimal() and len(value.strip()) < 6:
        value = int(value)
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    if isinstance(value, bool) or not isinstance(value, int) or not 1 <= value <= _MOST_MINUTES:
        raise Refusal("bad_argument", f"minutes must be a whole number from 1 to {_MOST_MINUTES}")
    return value
