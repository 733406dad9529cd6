"""openHAB's REST API, for all that is asked now and then: links, rules, states; through python-openhab's session."""

from __future__ import annotations

import json
import re
import time
import warnings
from collections.abc import Iterator
from functools import cached_property
from typing import Any

import httpx

from twilio_binding.errors import DependencyDownError
from twilio_binding.openhab.answers import CA_FILE, SOURCE, TIMEOUT, judge
from twilio_binding.tls import explain, trusting

with warnings.catch_warnings():
    warnings.simplefilter("ignore")  # of authlib, which python-openhab needs for what we do not use

_DECODER = json.JSONDecoder()
_GAP = re.compile(r"[\s,\[\]]*")


class RestClient:
    """A client of one openHAB for one thread.

    Methods raise `DependencyDownError` or `OpenHABRefusedError`.
    """

    def __init__(self, url: str, token: str, ca_file: str = "") -> None:
        self._url = f"{url.rstrip('/')}/rest"
        self._token = token
        self._verify = trusting(ca_file) if url.startswith("https:") else False

    @cached_property
    def _session(self) -> httpx.Client:
        # Recorded and forgotten: those of authlib, which python-openhab needs for what we do not use.
        with warnings.catch_warnings(record=True):
            import openhab  # noqa: PLC0415 - it takes half a second, in which Twilio would not be served

        client = openhab.OpenHAB(self._url)
        client.session.close()
        # The client's own methods write to headers that all calls share, and its session takes proxies from the
        # environment: openHAB is a neighbour.
        session = httpx.Client(timeout=TIMEOUT, trust_env=False, verify=self._verify)
        client.session = session
        session.headers["X-OpenHAB-Source"] = SOURCE
        if self._token:
            session.headers["Authorization"] = f"Bearer {self._token}"
        return session

    def close(self) -> None:
        """Close the connections."""
        if "_session" in self.__dict__:
            self._session.close()

    def system(self) -> dict[str, Any]:
        """What openHAB tells of itself, such as its start level; needs an administrator's token."""
        answer: dict[str, Any] = _decoded(self._exchange("GET", "/systeminfo"))
        return dict(answer.get("systemInfo") or {})

    def links(self) -> list[dict[str, Any]]:
        """All item links; needs an administrator's token."""
        return list(_entries(self._exchange("GET", "/links")))

    def things(self) -> list[dict[str, Any]]:
        """All things of Twilio with their configuration; needs an administrator's token."""
        listed = _entries(self._exchange("GET", "/things"))
        return [thing for thing in listed if str(thing.get("thingTypeUID", "")).startswith("twilio:")]

    def rules(self) -> list[dict[str, Any]]:
        """All rules with their triggers; needs an administrator's token."""
        return list(_entries(self._exchange("GET", "/rules")))

    def rule(self, uid: str) -> dict[str, Any] | None:
        """One rule; None when there is none, or while openHAB starts."""
        response = self._exchange("GET", f"/rules/{uid}")
        if response.status_code == 404:
            return None
        rule: dict[str, Any] = _decoded(response)
        return rule

    def create_rule(self, rule: dict[str, Any]) -> None:
        """Create a rule."""
        _checked(self._exchange("POST", "/rules", json=rule))

    def replace_rule(self, rule: dict[str, Any]) -> None:
        """Replace a rule that exists."""
        _checked(self._exchange("PUT", f"/rules/{rule['uid']}", json=rule))

    def _exchange(
        self, method: str, path: str, *, json: object = None, accept: str = "application/json"
    ) -> httpx.Response:
        try:
            return self._session.request(method, f"{self._url}{path}", json=json, headers={"Accept": accept})
        except (httpx.HTTPError, httpx.InvalidURL, OSError) as error:
            raise DependencyDownError(f"openHAB does not answer ({explain(error, CA_FILE)})") from None


def _checked(response: httpx.Response) -> httpx.Response:
    if not response.is_success:
        request = response.request
        has_token = "Authorization" in request.headers
        judge(response.status_code, response.content, f"{request.method} {request.url.path}", has_token=has_token)
    return response


def _decoded(response: httpx.Response) -> Any:  # noqa: ANN401 - it is what openHAB says
    try:
        return _checked(response).json()
    except ValueError:
        raise DependencyDownError("openHAB's answer was cut off") from None


def _entries(response: httpx.Response) -> Iterator[dict[str, Any]]:
    """The entries of a list, decoded one by one: of a thousand at once callers would have to wait."""
    try:
        text = _checked(response).content.decode()
        at = _GAP.match(text).end()  # type: ignore[union-attr]  # it matches nothing as well
        while at < len(text):
            entry, at = _DECODER.raw_decode(text, at)
            at = _GAP.match(text, at).end()  # type: ignore[union-attr]
            time.sleep(0)
            if isinstance(entry, dict):
                yield entry
    except ValueError:
        raise DependencyDownError("openHAB's answer was cut off") from None
    if not text.rstrip().endswith("]"):
        raise DependencyDownError("openHAB's answer was cut off")
