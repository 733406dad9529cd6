"""The command line of the process of the stand-in."""

from __future__ import annotations

import argparse
import json
from pathlib import Path

from twilio_binding.sandbox.openhab.options import OpenHABOptions


def read(arguments: list[str]) -> tuple[OpenHABOptions, bool]:
    """The options in a command line, and whether the process ends at the end of standard input."""
    parser = argparse.ArgumentParser(prog="openhab", description=__doc__)
    defaults = OpenHABOptions()
    for name in OpenHABOptions.__dataclass_fields__:
        default = getattr(defaults, name)
        flag = "--" + name.replace("_", "-")
        if isinstance(default, bool):
            parser.add_argument(flag, action=argparse.BooleanOptionalAction, default=default)
        elif default is None:
            parser.add_argument(flag, type=Path, default=None)
        else:
            parser.add_argument(flag, type=type(default), default=default)
    parser.add_argument("--until-eof", action="store_true", help="stop when standard input ends")
    values = vars(parser.parse_args(arguments))
    until_eof = values.pop("until_eof")
    return OpenHABOptions(**values), until_eof


def written(options: OpenHABOptions) -> list[str]:
    """The command line for these options."""
    line: list[str] = []
    for name in OpenHABOptions.__dataclass_fields__:
        value, flag = getattr(options, name), name.replace("_", "-")
        if isinstance(value, bool):
            line.append(f"--{flag}" if value else f"--no-{flag}")
        elif value is not None:
            line.append(f"--{flag}={value}")
    return line


def announce(url: str, control_url: str) -> None:
    """Print both addresses as one line of JSON."""
    print(json.dumps({"url": url, "control": control_url}), flush=True)
