"""What `twilio-binding install --check` can tell beyond the files: secrets that differ, and what the service says."""

from __future__ import annotations

import json
import urllib.error
import urllib.request
from contextlib import suppress

from twilio_binding.settings import Settings

_PATIENCE = 3.0


def other_secret(found: dict[str, object], settings: Settings) -> str:
    """What is wrong with the secret of an installed script, "" for nothing."""
    secret = found.get("secret")
    if not isinstance(secret, str) or not secret:
        return ""
    data_dir = settings.data_dir.resolve()
    ours = ""
    with suppress(OSError):
        ours = settings.secret_file.read_text(encoding="ascii").strip()
    if not ours:
        return f"The script has a secret, and {data_dir} has none: the service has not run with this data_dir."
    if ours != secret:
        return (
            f"The script has another secret than the service with data_dir {data_dir}: no event reaches it. "
            "Without --check this command writes the right one."
        )
    return ""


def told_by_service(settings: Settings) -> str:
    """What the service that runs now says is wrong with the script; "" for nothing, or when it does not answer."""
    request = urllib.request.Request(f"http://{settings.admin.listen}/ready")
    token = settings.admin.token.get_secret_value()
    if token:
        request.add_header("Authorization", f"Bearer {token}")
    body = b"{}"
    try:
        with urllib.request.build_opener(urllib.request.ProxyHandler({})).open(request, timeout=_PATIENCE) as answer:
            body = answer.read()
    except urllib.error.HTTPError as error:
        with error:
            body = error.read()
    except (OSError, ValueError):
        return ""
    with suppress(ValueError, KeyError, TypeError, AttributeError):
        return str(json.loads(body)["neighbours"]["openhab"].get("script", ""))
    return ""
