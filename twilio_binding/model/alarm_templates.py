"""The WhatsApp templates of an alarm: `HX...` for everybody, or one for each language: `HX..., de=HX..., fr=HX...`."""

from __future__ import annotations

import re
from collections.abc import Mapping

_CONTENT_SID = re.compile(r"HX[0-9a-fA-F]{32}")
_LANGUAGE = re.compile(r"[A-Za-z]{2,3}(?:[-_][A-Za-z0-9]{2,8}){0,3}")


def read_templates(text: str) -> Mapping[str, str]:
    """The Content SIDs by language, "" for the default; raises ValueError with what is wrong."""
    found: dict[str, str] = {}
    for part in filter(None, map(str.strip, text.split(","))):
        language, mark, sid = map(str.strip, part.rpartition("="))
        if mark and not _LANGUAGE.fullmatch(language):
            raise ValueError(f"{language:.30} is not a language; write a tag such as de before the equals sign")
        if not _CONTENT_SID.fullmatch(sid):
            raise ValueError(
                f"{sid:.40} is not a Content SID; it must be HX followed by 32 hex digits "
                "(Twilio Console, Content Template Builder)"
            )
        key = _key(language)
        if key in found:
            raise ValueError(
                f"there are two templates for {language or 'all languages'}; write one for each: HX..., de=HX..."
            )
        found[key] = sid
    return found


def template_for(templates: Mapping[str, str], language: str) -> str:
    """The Content SID for a language, such as `de-AT`: its own, that of `de`, or the default; "" for none."""
    key = _key(language)
    return templates.get(key) or templates.get(key.partition("-")[0]) or templates.get("", "")


def _key(language: str) -> str:
    return language.replace("_", "-").lower()
