"""TwiML as a tree, to be shown to people."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from xml.etree.ElementTree import Element

from defusedxml import DefusedXmlException
from defusedxml.ElementTree import ParseError, fromstring

from twilio_binding.masking import mask_logins

_DEEPEST = 12
_MOST = 300


@dataclass(frozen=True, slots=True, kw_only=True)
class Verb:
    """An element: name, attributes, text, and children."""

    name: str
    attributes: tuple[tuple[str, str], ...] = ()
    text: str = ""
    verbs: tuple[Verb, ...] = ()


def verbs_of(document: str) -> Sequence[Verb]:
    """The elements of a TwiML document; empty if it is invalid. Very deep or long parts are left out."""
    try:
        root: Element = fromstring(document.encode(), forbid_dtd=True)
    except (ParseError, DefusedXmlException, ValueError, LookupError):
        return ()
    left = [_MOST]
    return tuple(_verb(element, 1, left) for element in root)


def _verb(element: Element, depth: int, left: list[int]) -> Verb:
    within: list[Verb] = []
    for child in element:
        left[0] -= 1
        if depth >= _DEEPEST or left[0] < 0:
            break
        within.append(_verb(child, depth + 1, left))
    return Verb(
        name=element.tag,
        attributes=tuple((name, mask_logins(value)) for name, value in element.attrib.items()),
        text=mask_logins(" ".join((element.text or "").split())),
        verbs=tuple(within),
    )
