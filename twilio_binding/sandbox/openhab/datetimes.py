"""How openHAB parses and prints the states of DateTime items."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta, timezone, tzinfo
from zoneinfo import ZoneInfo

_FORM = re.compile(
    r"(?:(?P<date>\d{4}-\d\d-\d\d)(?:[T ](?=\d))?)?"
    r"(?:(?P<time>\d\d:\d\d(?::\d\d)?)(?:\.(?P<fraction>\d{1,9}))?)?"
    r"(?P<zone>Z|UTC|[+-]\d\d(?::?\d\d)?)?(?:\[[\w/+-]+\])?"
)
_MAX_SECONDS_DIGITS = 11


def canonical(text: str, zone: ZoneInfo) -> str | None:
    """`text` as openHAB prints the state of a DateTime item, in the time zone of the server; None if it is no date."""
    if text.isdecimal():
        return _from_epoch(text, zone)
    found = _FORM.fullmatch(text)
    if found is None or not (found["date"] or found["time"]):
        return None
    day, clock = found["date"] or "1970-01-01", found["time"] or "00:00"
    try:
        moment = datetime.fromisoformat(f"{day}T{clock}").replace(tzinfo=_zone(found["zone"], zone))
    except ValueError:
        return None
    return _printed(moment.astimezone(zone), found["fraction"] or "")


def stamp(nanoseconds: int, zone: ZoneInfo) -> str:
    """A point in time as events contain it: `2026-11-22T15:58:04.089252123Z[Etc/UTC]`."""
    moment = datetime.fromtimestamp(nanoseconds // 1_000_000_000, UTC).astimezone(zone)
    offset = moment.strftime("%z")
    shown = "Z" if offset == "+0000" else f"{offset[:3]}:{offset[3:]}"
    name = "Etc/UTC" if zone.key == "UTC" else zone.key
    fraction = f"{nanoseconds % 1_000_000_000:09d}".rstrip("0")
    return f"{moment:%Y-%m-%dT%H:%M:%S}{'.' if fraction else ''}{fraction}{shown}[{name}]"


def _from_epoch(text: str, zone: ZoneInfo) -> str | None:
    number = int(text)
    millis = number * 1000 if len(text) <= _MAX_SECONDS_DIGITS else number
    try:
        moment = datetime.fromtimestamp(millis // 1000, UTC).astimezone(zone)
    except (OverflowError, ValueError, OSError):
        return None
    return _printed(moment, f"{millis % 1000:03d}")


def _zone(text: str | None, server: ZoneInfo) -> tzinfo:
    if text is None:
        return server
    if text in {"Z", "UTC"}:
        return UTC
    digits = text[1:].replace(":", "").ljust(4, "0")
    offset = timedelta(hours=int(digits[:2]), minutes=int(digits[2:]))
    return timezone(-offset if text[0] == "-" else offset)


def _printed(moment: datetime, fraction: str) -> str:
    digits = fraction.ljust(9, "0")
    while len(digits) > 3 and digits.endswith("000"):
        digits = digits[:-3]
    return f"{moment:%Y-%m-%dT%H:%M:%S}.{digits}{moment:%z}"
