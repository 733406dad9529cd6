"""The composition of the console: what its pages read and do."""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Callable

from twilio_binding.accounts.build import AccountUseCases
from twilio_binding.app.stores import Stores
from twilio_binding.clock import local_now
from twilio_binding.console import monitoring
from twilio_binding.console.admin import AdminSite
from twilio_binding.console.ports import ConsoleParts, Dependencies, Entrance
from twilio_binding.history.figures import FiguresByTime
from twilio_binding.metrics import Metrics
from twilio_binding.settings import AdminSettings
from twilio_binding.store import SqliteTallies


def build_console(
    settings: AdminSettings,
    stores: Stores,
    metrics: Metrics,
    *,
    readiness: Callable[[], Dependencies],
    accounts: AccountUseCases,
) -> AdminSite:
    """What the admin listener serves."""
    token = settings.token.get_secret_value()
    parts = ConsoleParts(
        entrance=Entrance(
            token=token,
            hosts=frozenset(name.lower() for name in settings.hosts),
            secret=hmac.digest(stores.secret.encode(), b"console", hashlib.sha256),
        ),
        dependencies=readiness,
        things=accounts.checks.statuses.describe,
        figures=FiguresByTime(SqliteTallies(stores.database), now=local_now),
    )
    return AdminSite(monitoring.create_app(metrics, readiness, token=token), parts)
