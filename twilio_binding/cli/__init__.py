"""The command line, one file for each command.

A command reads options, calls the package that does the work, and prints; libraries are loaded when they are needed.
"""

from __future__ import annotations

from importlib import import_module
from itertools import takewhile
from typing import cast

import click

from twilio_binding import __version__
from twilio_binding.cli.streams import standard_streams
from twilio_binding.cli.terminal import file_error, is_text, tell_json_error, wants_no_colour

__all__ = ["cli", "standard_streams"]
COMMANDS = {
    "run": "run:run",
    "doctor": "doctor:doctor",
    "health": "health:health",
    "setup": "setup:setup",
    "check": "check:check",
    "demo": "demo:demo",
    "sandbox": "sandbox:sandbox",
    "install": "install:install",
    "things": "things:show_things",
    "discover": "discover:discover",
    "configure": "webhooks:configure",
    "restore": "webhooks:restore",
    "send": "send:send",
    "call": "call:call",
    "alarm": "alarm:alarm",
    "events": "history:events",
    "replay": "history:replay",
    "data": "data:data",
    "uninstall": "uninstall:uninstall",
}
"""Each command with its module in this package and its function there. Only the module of the called command is loaded."""

_WANTS_JSON = f"{__name__}.wants_json"
_NOT_TEXT = f"{__name__}.not_text"


class _Commands(click.Group):
    """The commands of `COMMANDS`."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Parse the command line, and note first what is reported later, because an error may come before it.

        This is whether it asks for JSON, and the place of an argument that is not in the encoding of the locale.
        """
        ctx.meta[_WANTS_JSON] = "--json" in takewhile(lambda word: word != "--", args)
        ctx.meta[_NOT_TEXT] = next((place for place, word in enumerate(args, 1) if not is_text(word)), 0)
        return super().parse_args(ctx, args)

    def invoke(self, ctx: click.Context) -> object:
        """Carry out a command. With --json, an error is printed as JSON, too."""
        try:
            return self._named(ctx)
        except click.ClickException as error:
            if ctx.meta[_WANTS_JSON]:
                tell_json_error(error)
            raise

    def _named(self, ctx: click.Context) -> object:
        """Carry out a command. Errors of the operating system name the file."""
        if place := ctx.meta[_NOT_TEXT]:
            raise click.UsageError(
                f"argument {place} is not UTF-8; set the terminal, and the script if there is one, to UTF-8"
            )
        try:
            return super().invoke(ctx)
        except OSError as error:
            if not error.filename:
                raise
            raise file_error(error) from None

    def list_commands(self, ctx: click.Context) -> list[str]:
        return sorted({*super().list_commands(ctx), *COMMANDS})

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        module, _, function = COMMANDS.get(cmd_name, "").partition(":")
        if not module:
            return super().get_command(ctx, cmd_name)
        return cast("click.Command", getattr(import_module(f"{__name__}.{module}"), function))


@click.group(cls=_Commands, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__)
@click.pass_context
def cli(context: click.Context) -> None:
    """Twilio for openHAB: texts, pictures, WhatsApp and phone calls with menus."""
    context.color = False if wants_no_colour() else None
