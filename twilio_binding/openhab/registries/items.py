"""Items with typed values, read by python-openhab.

Its requests use our pooled connection, because its own session accepts no certificate file, and uses proxies from the
environment. It is loaded when a value is first needed, which takes 13 MB and 0.1 s.
"""

from __future__ import annotations

import json
import warnings
from functools import cached_property
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

from twilio_binding.errors import DependencyDownError
from twilio_binding.openhab.http import OpenHABRequests

if TYPE_CHECKING:
    import openhab

Parameters = dict[str, Any] | list[Any] | tuple[Any, ...]

_MOST = 20_000_000
"""Maximum bytes of an item: the state of an Image item is a whole picture."""


class ItemValues:
    """Reads items. Raises `DependencyDownError` or `OpenHABRefusedError`."""

    def __init__(self, requests: OpenHABRequests) -> None:
        self._requests = requests

    def value(self, item: str) -> object:
        """The value of an item: text, number, time and so on; None if it has none (NULL, UNDEF)."""
        try:
            return self._client.get_item(item).state
        except (ValueError, KeyError, TypeError):
            raise DependencyDownError(f"the item {item} cannot be read: openHAB's answer has an unknown form") from None

    def with_state(self) -> set[str]:
        """The names of all items with a state, from one list."""
        listed = self._requests.send("GET", "/items?fields=name,state&recursive=false").entries()
        return {str(item.get("name")) for item in listed if item.get("state") != "NULL"}

    @cached_property
    def _client(self) -> openhab.OpenHAB:
        with warnings.catch_warnings(
            record=True
        ):  # of authlib, which it needs only for features that are not used here
            import openhab  # noqa: PLC0415 - see above

        class ItemClient(openhab.OpenHAB):
            """python-openhab without its constructor's session."""

            def __init__(self, requests: OpenHABRequests) -> None:
                self._requests = requests

            def req_get(self, uri_path: str, params: Parameters | None = None) -> object:
                query = f"?{urlencode(params)}" if params else ""
                return json.loads(self._requests.read(f"{uri_path}{query}", "application/json", _MOST))

        return ItemClient(self._requests)
