"""One HTTP request as the REST resources see it."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING
from urllib.parse import parse_qsl, unquote

from twilio_binding.sandbox.openhab.rest.answers import JSON, Refused, bad_json, empty, no_media_type

if TYPE_CHECKING:
    from collections.abc import Mapping

    from twilio_binding.sandbox.openhab.roles import RestCaller


class RestRequest:
    """Method, raw path, query, headers and body of one request. `caller` is set when the token was checked."""

    __slots__ = ("_body", "_environ", "caller", "method", "path", "query_string")

    caller: RestCaller

    def __init__(self, environ: Mapping[str, object]) -> None:
        self._environ = environ
        self._body: bytes | None = None
        self.method = str(environ["REQUEST_METHOD"])
        self.path, _, self.query_string = str(environ["REQUEST_URI"]).partition("?")

    @property
    def query(self) -> dict[str, str]:
        """The query parameters. If a name occurs several times, the last one counts."""
        return dict(parse_qsl(self.query_string, keep_blank_values=True))

    @property
    def base(self) -> str:
        """The base URL that the client used, for links."""
        return f"http://{self.header('Host') or 'localhost'}"

    @property
    def content_type(self) -> str:
        """The media type of the body without parameters; empty if there is none."""
        return str(self._environ.get("CONTENT_TYPE", "")).partition(";")[0].strip().lower()

    def header(self, name: str) -> str:
        """The value of a header, or ""."""
        return str(self._environ.get("HTTP_" + name.upper().replace("-", "_"), ""))

    @property
    def body(self) -> bytes:
        """The body. Raises `Refused` if the client disconnects before it is complete."""
        if self._body is None:
            stream = self._environ["wsgi.input"]
            try:
                self._body = bytes(stream.read())  # type: ignore[attr-defined]
            except OSError as gone:
                raise Refused(empty(400)) from gone
        return self._body

    @property
    def text(self) -> str:
        """The body as openHAB decodes it: as UTF-8, whatever the charset, with U+FFFD for invalid bytes."""
        return self.body.decode("utf-8", "replace")

    def json(self) -> object:
        """The body as JSON. Raises `Refused` with openHAB's answer if it is not JSON."""
        if not self.content_type:
            raise Refused(no_media_type())
        if self.content_type != JSON:
            raise Refused(empty(415))
        try:
            return json.loads(self.text) if self.body else None
        except ValueError as mistake:
            raise Refused(bad_json(self.text)) from mistake

    def accepts(self, *types: str) -> bool:
        """Whether the client accepts one of `types`."""
        accepted = self.header("Accept")
        if not accepted:
            return True
        ranges = {part.partition(";")[0].strip().lower() for part in accepted.split(",")}
        return bool(ranges & {"*/*", *types, *(f"{kind.partition('/')[0]}/*" for kind in types)})


def decoded(segment: str) -> str:
    """A path segment without its percent escapes."""
    return unquote(segment)
