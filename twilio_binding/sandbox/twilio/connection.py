"""The connection to the control API of a running stand-in."""

from __future__ import annotations

from typing import Any, cast

import requests

_TIMEOUT = 60.0
JSON = dict[str, Any]


class ControlConnection:
    """Calls the control API at `url`. Methods raise `requests.HTTPError` if it refuses the call."""

    def __init__(self, url: str) -> None:
        self._session = requests.Session()
        self._session.trust_env = False
        self.url = url

    def close(self) -> None:
        """Close the connection."""
        self._session.close()

    def get(self, path: str) -> JSON:
        """GET an object."""
        return cast("JSON", _read(self._session.get(self._at(path), timeout=_TIMEOUT)))

    def get_list(self, path: str) -> list[JSON]:
        """GET a list."""
        return cast("list[JSON]", _read(self._session.get(self._at(path), timeout=_TIMEOUT)))

    def post(self, path: str, body: object) -> JSON:
        """POST `body`. Returns the answer."""
        return cast("JSON", _read(self._session.post(self._at(path), json=body, timeout=_TIMEOUT)))

    def delete(self, path: str) -> None:
        """DELETE what is at `path`."""
        self._session.delete(self._at(path), timeout=_TIMEOUT).raise_for_status()

    def _at(self, path: str) -> str:
        return f"{self.url}/sandbox/{path}"


def _read(answer: requests.Response) -> object:
    if answer.status_code == 400:
        raise requests.HTTPError(answer.text, response=answer)
    answer.raise_for_status()
    return answer.json()
