"""Interprets openHAB's answers.

While openHAB starts, it answers valid requests with 401, 404 and 5xx for seconds. So only an answer that names its
cause in openHAB's own words is final; all others mean "not now".
"""

from __future__ import annotations

import json
from typing import NoReturn

from twilio_binding.errors import DependencyDownError
from twilio_binding.protocol.errors import TwilioBindingError

TIMEOUT = 10.0
"""Seconds for one request."""
CA_FILE = "openhab.ca_file"
"""The setting that helps if openHAB's certificate is not trusted."""
SOURCE = "org.openhab.twilio.sidecar"
"""The source of our events in openHAB (since 5.1)."""
_WHILE_STARTING = (400, 404, 405, 409)


class OpenHABRefusedError(TwilioBindingError):
    """openHAB refused this for good."""

    code = "openhab_refused"

    def __init__(self, message: str, *, status: int) -> None:
        super().__init__(message)
        self.status = status


def judge(status: int, body: bytes, request: str, *, has_token: bool) -> NoReturn:
    """Raise the error that an answer other than 2xx means: `OpenHABRefusedError` or `DependencyDownError`."""
    if status in (401, 403) and body and not _has_error_text(body):
        # a web application firewall, or a proxy with its own password
        raise DependencyDownError(f"something in front of openHAB answers {status} to {request}, not openHAB itself")
    if status in (401, 403):
        what = "refuses the API token" if has_token else "asks for an API token"
        raise DependencyDownError(f"openHAB {what}; set openhab.token to one that an administrator has created")
    if status == 415 or (status in (400, 404, 405, 409) and _has_error_text(body)):
        if status == 404 and request.partition(" ")[2].startswith("/items/"):
            raise OpenHABRefusedError("there is no such item", status=status)
        raise OpenHABRefusedError(f"openHAB answers {status} to {request}", status=status)
    starting = "; it may be starting" if status in _WHILE_STARTING or status >= 500 else ""
    raise DependencyDownError(f"openHAB answers {status} to {request}{starting}")


def _has_error_text(body: bytes) -> bool:
    try:
        parsed = json.loads(body)
    except ValueError:
        return False
    return isinstance(parsed, dict) and "error" in parsed
