"""Checks the certificate of a public server."""

from __future__ import annotations

import socket
import ssl
import time
from typing import Any

from twilio_binding.doctor.results import LinkResult, failed, ok, warning
from twilio_binding.tls import failure

_PATIENCE = 8.0
_SOON = 14
"""Days before the expiry; certificates that renew themselves do so earlier."""
_RENEW = "renew the certificate, for example with certbot renew, and reload the proxy"
_CHAIN = "let the proxy send the full chain (fullchain.pem) of a public authority, such as Let's Encrypt"


def certificate(host: str, port: int, about: str) -> LinkResult:
    """Whether the certificate is trusted and has the right name, and for how long it is valid."""
    context = ssl.create_default_context()
    try:
        with (
            socket.create_connection((host, port), _PATIENCE) as raw,
            context.wrap_socket(raw, server_hostname=host) as secured,
        ):
            shown: dict[str, Any] = secured.getpeercert() or {}
    except ssl.SSLCertVerificationError as error:
        cause, cure = _wrong(error, host)
        return failed(
            cause, f"{cure}; Twilio sends nothing to a server whose certificate it does not trust", about=about
        )
    except ssl.SSLError:
        return failed(
            f"{host}:{port} does not use TLS", "let the proxy listen with TLS there, or correct publicUrl", about=about
        )
    except (TimeoutError, OSError) as error:
        return failed(
            f"{host}:{port} cannot be reached from here ({failure(error)})",
            "check whether the proxy runs and the router forwards this port; many routers do not let a machine at home reach "
            "its own public address, so also try from a phone without WiFi",
            about=about,
        )
    return _good(shown, about)


def _wrong(error: ssl.SSLCertVerificationError, host: str) -> tuple[str, str]:
    match error.verify_code:
        case 10:
            return f"the certificate of {host} has expired", _RENEW
        case 9:
            return f"the certificate of {host} is not valid yet", "check the clocks of the proxy and of this machine"
        case 62 | 64:
            return f"the certificate of {host} is for another name", f"get a certificate for {host}"
        case 18:
            return f"the certificate of {host} is self-signed", _CHAIN
    return f"the certificate of {host} comes from an authority that is not trusted, or its chain is incomplete", _CHAIN


def _good(shown: dict[str, Any], about: str) -> LinkResult:
    days = int((ssl.cert_time_to_seconds(str(shown["notAfter"])) - time.time()) // 86400)
    issuer = dict(pair for part in shown.get("issuer", ()) for pair in part)
    name = str(issuer.get("organizationName") or issuer.get("commonName") or "")
    facts = {"days_left": days, "issuer": name}
    if days < _SOON:
        return warning(f"the certificate expires in {days} days", _RENEW, facts, about=about)
    return ok(f"the certificate is trusted, and valid for {days} days ({name})", facts, about=about)
