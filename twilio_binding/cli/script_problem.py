"""What `twilio-binding install --check` reports besides files: secrets that differ, and the service's own report."""

from __future__ import annotations

from contextlib import suppress

from twilio_binding.protocol.errors import TwilioBindingError
from twilio_binding.running_service import ask
from twilio_binding.settings import Settings


def other_secret(found: dict[str, object], settings: Settings) -> str:
    """What is wrong with the secret of an installed script; "" if nothing is."""
    secret = found.get("secret")
    if not isinstance(secret, str) or not secret:
        return ""
    data_dir = settings.data_dir.resolve()
    ours = ""
    with suppress(OSError):
        ours = settings.secret_file.read_text(encoding="ascii").strip()
    if not ours:
        return f"The script has a secret, but {data_dir} has none: the service has never run with this data_dir."
    if ours != secret:
        return (
            f"The script's secret differs from that of the service with data_dir {data_dir}, so no event reaches it. "
            "Run this command without --check to write the right one."
        )
    return ""


def told_by_service(settings: Settings) -> str:
    """What the running service reports about the script; "" if nothing is wrong, or the service does not answer."""
    try:
        entries = ask(settings.admin, "/ready").dependencies or {}
    except TwilioBindingError:
        return ""
    return str(entries.get("openhab", {}).get("script", ""))
