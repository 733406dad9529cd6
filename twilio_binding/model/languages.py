"""Languages: the tags of contacts, and those of Twilio's voices."""

from __future__ import annotations

_SPOKEN = {
    "en": "en-US",
    "de": "de-DE",
    "fr": "fr-FR",
    "es": "es-ES",
    "it": "it-IT",
    "nl": "nl-NL",
    "pt": "pt-PT",
    "da": "da-DK",
    "sv": "sv-SE",
    "nb": "nb-NO",
    "no": "nb-NO",
    "fi": "fi-FI",
    "pl": "pl-PL",
    "cs": "cs-CZ",
    "ja": "ja-JP",
    "zh": "zh-CN",
    "ko": "ko-KR",
    "ru": "ru-RU",
    "tr": "tr-TR",
}


def spoken(tag: str) -> str:
    """The language tag for `<Say>`, such as de-DE for de; "" for Twilio's default."""
    language, _, region = tag.replace("_", "-").partition("-")
    if region:
        return f"{language.lower()}-{region.upper() if len(region) == 2 else region}"
    return _SPOKEN.get(language.lower(), "")
