"""The command line, one file for each command.

A command reads options, calls the package that does the work, and prints; libraries are loaded when they are needed.
"""

from __future__ import annotations

import click

from twilio_binding import __version__
from twilio_binding.cli.call import call
from twilio_binding.cli.check import check
from twilio_binding.cli.data import data
from twilio_binding.cli.demo import demo
from twilio_binding.cli.discover import discover
from twilio_binding.cli.doctor import doctor
from twilio_binding.cli.history import events, replay
from twilio_binding.cli.install import install
from twilio_binding.cli.run import run
from twilio_binding.cli.sandbox import sandbox
from twilio_binding.cli.send import send
from twilio_binding.cli.setup import setup
from twilio_binding.cli.terminal import wants_no_colour
from twilio_binding.cli.things import show_things
from twilio_binding.cli.uninstall import uninstall
from twilio_binding.cli.webhooks import configure, restore


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__)
@click.pass_context
def cli(context: click.Context) -> None:
    """Twilio for openHAB: texts, pictures, WhatsApp and phone calls with menus."""
    context.color = False if wants_no_colour() else None


cli.add_command(run)
cli.add_command(doctor)
cli.add_command(setup)
cli.add_command(check)
cli.add_command(demo)
cli.add_command(sandbox)
cli.add_command(install)
cli.add_command(show_things)
cli.add_command(discover)
cli.add_command(configure)
cli.add_command(restore)
cli.add_command(send)
cli.add_command(call)
cli.add_command(events)
cli.add_command(replay)
cli.add_command(data)
cli.add_command(uninstall)
