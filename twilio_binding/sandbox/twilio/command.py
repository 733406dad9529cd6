"""The command line of the process of the stand-in."""

from __future__ import annotations

import argparse

from twilio_binding.sandbox.twilio.options import TwilioOptions


def read(arguments: list[str]) -> tuple[TwilioOptions, bool]:
    """The options in a command line, and whether the process ends at the end of standard input."""
    parser = argparse.ArgumentParser(prog="twilio", description=__doc__)
    defaults = TwilioOptions()
    for name in TwilioOptions.__dataclass_fields__:
        default = getattr(defaults, name)
        parser.add_argument("--" + name.replace("_", "-"), type=type(default), default=default)
    parser.add_argument("--until-eof", action="store_true", help="stop when standard input ends")
    values = vars(parser.parse_args(arguments))
    until_eof = values.pop("until_eof")
    return TwilioOptions(**values), until_eof


def written(options: TwilioOptions) -> list[str]:
    """The command line for these options."""
    return [f"--{name.replace('_', '-')}={getattr(options, name)}" for name in TwilioOptions.__dataclass_fields__]
