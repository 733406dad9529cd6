"""`twilio-binding demo`: texts and calls on stand-ins."""

from __future__ import annotations

import click

from twilio_binding.cli.terminal import end_on_signals, fitting

_TITLE = 39
"""Columns before the text of an act."""


@click.command()
def demo() -> None:
    """Show texts and calls, with stand-ins for openHAB and Twilio. Exit with 0 if everything worked."""
    from twilio_binding.sandbox.scene import play
    from twilio_binding.sandbox.waiting import SandboxError

    end_on_signals()
    click.secho("Twilio for openHAB: openHAB and Twilio (stand-ins), broker, rule and service as real processes\n")
    done = click.style("✓", fg="green")

    def say(title: str, text: str) -> None:
        shown = fitting(text, first=_TITLE, indent=_TITLE)
        click.echo(f"{done} {click.style(f'{title:<36}', bold=True)} {shown}" if title else "")

    try:
        play(say)
    except (SandboxError, RuntimeError) as error:
        click.echo(f"{click.style('✗', fg='red', bold=True)} {error}")
        raise click.exceptions.Exit(1) from None
