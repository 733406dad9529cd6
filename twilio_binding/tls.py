"""TLS for openHAB and the broker: trusted certificates, and explanations of failed connections."""

from __future__ import annotations

import http.client
import socket
import ssl
from collections.abc import Iterator
from pathlib import Path

from twilio_binding.protocol.errors import TwilioBindingError

_FAILURES: tuple[tuple[type[BaseException], str], ...] = (
    (ssl.SSLCertVerificationError, "its TLS certificate is not trusted"),
    (ssl.SSLError, "TLS failed; check that the port uses TLS and that the URL says so"),
    (socket.gaierror, "its host name cannot be resolved"),
    (ConnectionRefusedError, "connection refused: no program listens at this port"),
    (TimeoutError, "no answer in time"),
    (ConnectionError, "the connection was closed"),
    (http.client.IncompleteRead, "the answer was not complete"),
    (http.client.HTTPException, "the answer is not HTTP"),
    (ValueError, "the address is not valid"),
)
"""What people are told about a failure, most telling first."""


class CAFileError(TwilioBindingError):
    """A file or folder of certificates that cannot be used."""

    code = "bad_ca_file"


def trusting(ca_file: str) -> ssl.SSLContext:
    """A context that trusts the certificates in a PEM file or folder, or the system's certificates for "".

    Raises `CAFileError`.
    """
    if not ca_file:
        return ssl.create_default_context()
    path = Path(ca_file)
    try:
        files = sorted(each for each in path.iterdir() if each.is_file()) if path.is_dir() else [path]
        is_there = path.exists()
    except OSError as error:
        raise CAFileError(f"{ca_file[:60]} cannot be read: {error.strerror}") from None
    if not is_there:
        raise CAFileError(f"the file or folder {path} does not exist")
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.verify_flags |= ssl.VERIFY_X509_PARTIAL_CHAIN  # a server's own certificate is enough
    for file in files:
        try:
            context.load_verify_locations(cafile=file)
        except ssl.SSLError:
            continue  # the folder may contain other files
        except OSError as error:
            raise CAFileError(f"{file} cannot be read: {error.strerror}") from None
    if not context.cert_store_stats()["x509"]:
        raise CAFileError(f"{path} contains no certificate; in PEM form it begins with -----BEGIN CERTIFICATE-----")
    return context


def explain(error: BaseException, setting: str) -> str:
    """Why a connection failed, for people; `setting` is the `ca_file` that would help."""
    causes = list(_causes(error))
    for cause in causes:
        if isinstance(cause, ssl.SSLCertVerificationError):
            return _certificate(cause, setting)
    return failure(error)


def failure(error: BaseException) -> str:
    """What happened to a connection, in words; certificates need `explain`."""
    causes = list(_causes(error))
    for kind, words in _FAILURES:
        if any(isinstance(cause, kind) for cause in causes):
            return words
    told = next((cause.strerror for cause in causes if isinstance(cause, OSError) and cause.strerror), "")
    return told[:1].lower() + told[1:] or f"unexpected: {type(error).__name__}"


def _certificate(error: ssl.SSLCertVerificationError, setting: str) -> str:
    match error.verify_code:
        case 10:
            return "its TLS certificate has expired"
        case 9:
            return "its TLS certificate is not valid yet; check the clock"
        case 62 | 64:
            return "its TLS certificate is for another host name; the URL must have the name in the certificate"
        case 18 | 19:
            what = "is self-signed"
        case _:
            what = "comes from an authority that is not trusted"
    return f"its TLS certificate {what}; set {setting} to a PEM file with the certificate of its authority, or with its own"


def _causes(error: BaseException) -> Iterator[BaseException]:
    """The error and its causes, because libraries wrap errors."""
    waiting: list[object] = [error]
    seen: set[int] = set()
    while waiting:
        one = waiting.pop(0)
        if isinstance(one, BaseException) and id(one) not in seen:
            seen.add(id(one))
            yield one
            waiting += [one.__cause__, one.__context__, getattr(one, "reason", None), *one.args]
