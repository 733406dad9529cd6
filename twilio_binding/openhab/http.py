"""HTTP with openHAB: one client with pooled connections, for everything except the event stream."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import partial
from http.client import HTTPConnection, HTTPSConnection
from typing import Any
from urllib.parse import urlsplit

import urllib3

from twilio_binding.clock import in_turns
from twilio_binding.errors import DependencyDownError
from twilio_binding.openhab.answers import CA_FILE, SOURCE, TIMEOUT, judge
from twilio_binding.openhab.kept_connections import KeptConnections
from twilio_binding.settings import OpenHABSettings
from twilio_binding.tls import explain, trusting

_CONNECTIONS = 8
"""Number of pooled connections: two threads deliver, one prepares, and pictures are read."""
_JSON = "application/json"
_NONE: Mapping[str, str] = {}
_CUT_OFF = "openHAB's answer was cut off"
_DECODER = json.JSONDecoder()
_GAP = re.compile(r"[\s,\[\]]*")


_LOST = (urllib3.exceptions.ReadTimeoutError, urllib3.exceptions.ProtocolError)


class AnswerLostError(DependencyDownError):
    """The request went out, but no answer came: openHAB may have carried it out."""


@dataclass(frozen=True, slots=True)
class RestAnswer:
    """openHAB's answer to a `request`, such as `GET /links`. For answers other than 2xx, the methods raise errors.

    `changed` is its Last-Modified, "" for none.
    """

    status: int
    content: bytes
    request: str
    has_token: bool
    changed: str = ""

    def checked(self) -> bytes:
        """The content."""
        if not 200 <= self.status < 300:
            judge(self.status, self.content, self.request, has_token=self.has_token)
        return self.content

    def decoded(self) -> dict[str, Any]:
        """The JSON object."""
        try:
            found = json.loads(self.checked())
        except ValueError:
            raise DependencyDownError(_CUT_OFF) from None
        if not isinstance(found, dict):
            raise DependencyDownError(f"openHAB answers {self.request} with something other than a JSON object")
        return found

    def entries(self) -> Iterator[dict[str, Any]]:
        """The objects of a JSON list, decoded one by one, because thousands at once would delay callers."""
        return (entry for entry in in_turns(self._entries()) if isinstance(entry, dict))

    def _entries(self) -> Iterator[object]:
        try:
            text = self.checked().decode()
            at = _after_gap(text, 0)
            while at < len(text):
                entry, at = _DECODER.raw_decode(text, at)
                at = _after_gap(text, at)
                yield entry
        except ValueError:
            raise DependencyDownError(_CUT_OFF) from None
        if not text.rstrip().endswith("]"):
            raise DependencyDownError(_CUT_OFF)


def _after_gap(text: str, at: int) -> int:
    found = _GAP.match(text, at)
    return found.end() if found else at


class OpenHABRequests:
    """Sends requests to one openHAB. Thread-safe. Paths of REST begin after `/rest`.

    Raises `DependencyDownError` if there is no answer.
    """

    def __init__(self, server: OpenHABSettings) -> None:
        token = server.token.get_secret_value()
        address = urlsplit(server.url)
        self._root = address.path.rstrip("/")
        context = trusting(server.ca_file) if address.scheme == "https" else None
        self._pool = urllib3.connection_from_url(
            server.url,
            maxsize=_CONNECTIONS,
            timeout=TIMEOUT,
            retries=False,
            **({"ssl_context": context} if context else {}),
        )
        connect = partial(HTTPSConnection, context=context) if context else HTTPConnection
        self._kept = KeptConnections(partial(connect, address.netloc, timeout=TIMEOUT), self._root)
        self._headers = {"X-OpenHAB-Source": SOURCE} | ({"Authorization": f"Bearer {token}"} if token else {})

    def close(self) -> None:
        """Close the connections."""
        self._pool.close()
        self._kept.close()

    def send(
        self,
        method: str,
        path: str,
        body: str | None = None,
        *,
        accept: str = _JSON,
        content_type: str = _JSON,
        timeout: float = TIMEOUT,
        more: Mapping[str, str] = _NONE,
    ) -> RestAnswer:
        """Send a request to REST; `timeout` is in seconds, `more` are further headers."""
        headers, content = {**self._headers, "Accept": accept, **more}, None
        if body is not None:
            headers["Content-Type"], content = content_type, body.encode("utf-8", "replace")
        answer = self._request(method, f"/rest{path}", content, headers, timeout=timeout)
        changed = answer.headers.get("Last-Modified", "")
        return self._answer(answer.status, answer.data, f"{method} {path}", changed)

    def read(self, path: str, accept: str, most: int) -> bytes:
        """The content of a REST path; reads at most one byte more than `most`.

        Also raises `OpenHABRefusedError`.
        """
        headers = {**self._headers, "Accept": accept}
        answer = self._request("GET", f"/rest{path}", None, headers, preload_content=False)
        try:
            content = answer.read(most + 1)
        except (urllib3.exceptions.HTTPError, OSError) as error:
            raise _down(error) from None
        finally:
            answer.close()
        return self._answer(answer.status, content, f"GET {path}").checked()

    def post(self, path: str, body: str) -> RestAnswer:
        """Post JSON to REST; for what callers wait for."""
        headers = {**self._headers, "Accept": _JSON}
        status, content, _ = self._kept.post(f"/rest{path}", body.encode("utf-8", "replace"), headers)
        return self._answer(status, content, f"POST {path}")

    def call_script(self, path: str, body: bytes, headers: dict[str, str]) -> tuple[int, bytes, str]:
        """Post to the script's servlet; returns status, body and signature of any answer."""
        return self._kept.post(path, body, headers)

    def _answer(self, status: int, content: bytes, request: str, changed: str = "") -> RestAnswer:
        return RestAnswer(status, content, request, has_token="Authorization" in self._headers, changed=changed)

    def _request(
        self,
        method: str,
        path: str,
        body: bytes | None,
        headers: dict[str, str],
        *,
        preload_content: bool = True,
        timeout: float = TIMEOUT,
    ) -> urllib3.BaseHTTPResponse:
        try:
            return self._pool.request(
                method,
                f"{self._root}{path}",
                body=body,
                headers=headers,
                preload_content=preload_content,
                timeout=timeout,
            )
        except (urllib3.exceptions.HTTPError, OSError) as error:
            raise _down(error) from None


def _down(error: Exception) -> DependencyDownError:
    kind = AnswerLostError if isinstance(error, _LOST) else DependencyDownError
    return kind(f"openHAB does not answer ({explain(error, CA_FILE)})")
