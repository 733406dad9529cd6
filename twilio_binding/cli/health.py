"""`twilio-binding health`: whether the service of these settings serves, for health checks."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.error import HTTPError
from urllib.request import ProxyHandler, Request, build_opener

import click

from twilio_binding.cli.options import config_option, load_settings

if TYPE_CHECKING:
    from twilio_binding.settings.sections import AdminSettings

_PATIENCE = 4.0
_LIMIT = 1 << 20


@click.command()
@click.option("--live", is_flag=True, help="Ask only whether the service serves, not what it depends on.")
@config_option
def health(config: Path | None, *, live: bool) -> None:
    """Ask the running service whether it and all it depends on are up; exit code 1 if not.

    For health checks of containers use --live: the service serves and stores also while openHAB is down.
    """
    admin = load_settings(config).admin
    status, answer = _ask(admin, "/live" if live else "/ready")
    if live or status not in {200, 503}:
        if status != 200:
            raise click.ClickException(f"the service answers with {status} on admin.listen, {admin.listen}")
        click.echo(answer.strip())
        return
    entries: dict[str, Any] = json.loads(answer)["neighbours"]
    for name, entry in entries.items():
        click.echo(f"{name}: up" if entry["up"] else f"{name}: down ({entry['reason']})")
    click.get_current_context().exit(0 if status == 200 else 1)


def _ask(admin: AdminSettings, path: str) -> tuple[int, str]:
    from twilio_binding.settings import split_address

    host, port = split_address(admin.listen)
    host = {"0.0.0.0": "127.0.0.1", "::": "::1", "": "127.0.0.1"}.get(host, host)  # noqa: S104 - no address to bind to
    address = f"[{host}]:{port}" if ":" in host else f"{host}:{port}"
    token = admin.token.get_secret_value()
    request = Request(f"http://{address}{path}", headers={"Authorization": f"Bearer {token}"} if token else {})
    try:
        with build_opener(ProxyHandler({})).open(request, timeout=_PATIENCE) as answer:
            return answer.status, answer.read(_LIMIT).decode(errors="replace")
    except HTTPError as refused:
        with refused:
            return refused.code, refused.read(_LIMIT).decode(errors="replace")
    except OSError as error:
        reason = getattr(error, "reason", error)
        raise click.ClickException(f"no service answers on admin.listen, {admin.listen}: {reason}") from None
