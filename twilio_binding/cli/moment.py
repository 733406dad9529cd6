"""A time on the command line."""

from __future__ import annotations

import re
import time
from datetime import datetime

import click

_SECONDS = {"s": 1, "m": 60, "h": 3600, "d": 86400, "w": 7 * 86400}
_AGO = re.compile(r"([0-9]{1,6})([smhdw])")


class Moment(click.ParamType[float]):
    """Seconds since 1970, from a time span before now such as `90m`, or from a local date with or without time."""

    name = "when"

    def convert(self, value: object, param: click.Parameter | None, ctx: click.Context | None) -> float:
        """Read the text."""
        if isinstance(value, float):
            return value
        text = str(value).strip()
        if found := _AGO.fullmatch(text):
            return time.time() - int(found[1]) * _SECONDS[found[2]]
        try:
            return datetime.fromisoformat(text).astimezone().timestamp()
        except (ValueError, OverflowError, OSError):
            self.fail(f"{text!r} is not a time. Write 30m, 6h, 2d, 2026-11-28 or 2026-11-28T14:30.", param, ctx)
