"""The requests that events need, over a plain kept connection: callers wait for them.

python-openhab's session takes twice the time and the processor for the same.
"""

from __future__ import annotations

import json
from urllib.parse import urlsplit

import urllib3

from twilio_binding.errors import DependencyDownError
from twilio_binding.openhab.answers import CA_FILE, SOURCE, TIMEOUT, OpenHABRefusedError, judge
from twilio_binding.protocol.signing import HEADER
from twilio_binding.tls import explain, trusting

_ITEM = 2.0
"""Seconds for the state of one item: others wait behind it."""


class Express:
    """Puts states, runs the relay rule and calls the script, for one thread; raises like `RestClient`."""

    def __init__(self, url: str, token: str, ca_file: str = "") -> None:
        self._root = urlsplit(url).path.rstrip("/")
        context = {"ssl_context": trusting(ca_file)} if url.startswith("https:") else {}
        self._pool = urllib3.connection_from_url(url, maxsize=1, timeout=TIMEOUT, retries=False, **context)
        self._headers = {"Accept": "application/json", "X-OpenHAB-Source": SOURCE}
        if token:
            self._headers["Authorization"] = f"Bearer {token}"

    def close(self) -> None:
        """Close the connection."""
        self._pool.close()

    def read(self, path: str, accept: str, most: int) -> bytes:
        """What REST has at a path; no more than one byte beyond `most` is read."""
        headers = {**self._headers, "Accept": accept}
        answer = self._request("GET", f"/rest{path}", None, headers, preload_content=False)
        try:
            content = answer.read(most + 1)
        except (urllib3.exceptions.HTTPError, OSError) as error:
            raise DependencyDownError(f"openHAB does not answer ({explain(error, CA_FILE)})") from None
        finally:
            answer.close()
        if answer.status != 200:
            judge(answer.status, content, f"GET {path}", has_token="Authorization" in self._headers)
        return content

    def state(self, item: str) -> str:
        """The state of an item as text."""
        path = f"/items/{item}/state"
        answer = self._request("GET", f"/rest{path}", None, {**self._headers, "Accept": "text/plain"}, timeout=_ITEM)
        if answer.status != 200:
            judge(answer.status, answer.data, f"GET {path}", has_token="Authorization" in self._headers)
        return answer.data.decode("utf-8", "replace")

    def put_state(self, item: str, state: str) -> None:
        """Set an item's state; openHAB applies it a moment later."""
        try:
            self._send("PUT", f"/items/{item}/state", state, "text/plain", timeout=_ITEM)
        except OpenHABRefusedError as refusal:
            if refusal.status == 400:
                raise OpenHABRefusedError("an item of its type cannot take it", status=400) from None
            raise

    def run_rule(self, uid: str, text: str) -> None:
        """Run a rule now with an input. The answer comes after the run, or at once where the run was dropped."""
        self._send("POST", f"/rules/{uid}/runnow", json.dumps({"input": text}, ensure_ascii=False), "application/json")

    def call_bridge(self, path: str, body: bytes, headers: dict[str, str]) -> tuple[int, bytes, str]:
        """Post to the script's servlet; returns status, body and signature of whatever answers there."""
        answer = self._request("POST", path, body, {**headers, "Content-Type": "application/json"})
        return answer.status, answer.data, answer.headers.get(HEADER, "")

    def _send(self, method: str, path: str, text: str, content_type: str, *, timeout: float = TIMEOUT) -> None:
        headers = {**self._headers, "Content-Type": content_type}
        answer = self._request(method, f"/rest{path}", text.encode("utf-8", "replace"), headers, timeout=timeout)
        if not 200 <= answer.status < 300:
            judge(answer.status, answer.data, f"{method} {path}", has_token="Authorization" in headers)

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
            raise DependencyDownError(f"openHAB does not answer ({explain(error, CA_FILE)})") from None
