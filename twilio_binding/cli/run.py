"""`twilio-binding run`: the service."""

from __future__ import annotations

import gc
import os
import signal
import threading
from pathlib import Path

import click
import structlog

from twilio_binding.cli.options import config_option, load_settings
from twilio_binding.protocol.errors import TwilioBindingError


@click.command()
@config_option
def run(config: Path | None) -> None:
    """Run the service until SIGTERM or Ctrl-C. SIGHUP reads the things again."""
    from twilio_binding import logs
    from twilio_binding.app.service import Service
    from twilio_binding.app.supervisor import Supervisor

    settings = load_settings(config)
    logs.configure(settings.log.level, settings.log.format)
    structlog.get_logger(__name__).info(
        "settings.read", origin=settings.origin, data_dir=os.path.realpath(settings.data_dir)
    )
    # Modules stay. The collection below frees only what was needed to read the things, before the second freeze keeps it.
    gc.freeze()
    try:
        service = Service(settings)
    except (TwilioBindingError, OSError) as error:
        raise click.ClickException(str(error)) from None
    gc.collect()
    over = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: over.set())
    signal.signal(signal.SIGHUP, lambda *_: service.reload())
    service.start()
    # Everything built so far stays, so the collector need not scan it again.
    gc.freeze()
    gc.enable()
    # On standard output, because the caller must learn which port was chosen for port 0.
    click.echo(f"webhook http://{service.webhook_address}/twilio/callback/")
    click.echo(f"admin http://{service.admin_address}/ready")
    supervisor = Supervisor()
    supervisor.started()
    try:
        over.wait()
    finally:
        supervisor.stopping()
        service.stop()
        supervisor.stopped()
