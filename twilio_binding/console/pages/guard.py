"""Protects the pages: checks host names and the origin of forms, and sets strict headers."""

from __future__ import annotations

import hmac
import secrets

from flask import Flask, Response, abort, request, session
from werkzeug.exceptions import BadHost, HTTPException
from werkzeug.wrappers import Response as AnyResponse

from twilio_binding.console.host_names import HostNames
from twilio_binding.console.pages.unsent_forms import back_to_page

_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; media-src 'self'; connect-src 'self'; "
    "form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
_HEADERS = {
    "Content-Security-Policy": _POLICY,
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), microphone=(), geolocation=()",
    "Cache-Control": "no-store",
}
_SAFE = ("GET", "HEAD", "OPTIONS")
_LARGE = {"/try/phone": 6 * 1024 * 1024}
"""Addresses that accept a picture."""
_FROM_HERE = ("same-origin", "none")


class _WrongHostError(HTTPException):
    code = 421
    name = "Unknown host name"


def check_names(app: Flask, names: HostNames) -> None:
    """Serve the pages only under our own host names, with strict headers."""

    @app.before_request
    def check_name() -> Response | None:
        problem = names.problem(request.headers.get("Host", ""))
        if not problem:
            return None
        if isinstance(request.routing_exception, BadHost):  # no page has an address under such a name
            return Response(f"{problem}\n", _WrongHostError.code, content_type="text/plain; charset=utf-8")
        raise _WrongHostError(problem)

    @app.after_request
    def be_strict(response: Response) -> Response:
        for name, value in _HEADERS.items():
            response.headers.setdefault(name, value)
        if request.path.startswith("/static/"):
            response.headers["Cache-Control"] = "no-cache"
        return response


def check_forms(app: Flask) -> None:
    """Accept only forms from our own pages."""

    @app.before_request
    def check_form() -> AnyResponse | None:
        if request.method in _SAFE:
            return None
        request.max_content_length = most_bytes()
        return _check_form()

    app.jinja_env.globals["csrf_token"] = csrf_token


def csrf_token() -> str:
    """The token that forms carry to show that they are ours; the same for a whole session."""
    token: str = session.setdefault("csrf", secrets.token_urlsafe(18))
    return token


def most_bytes() -> int:
    """The largest form that this address takes."""
    return _LARGE.get(request.path, request.max_content_length or 0)


def is_from_our_page() -> bool:
    """Whether a browser says that a page of ours sent this form, to open the answer; other programs say nothing."""
    is_opened = request.headers.get("Sec-Fetch-Mode", "navigate") == "navigate"
    return "Origin" in request.headers and is_opened and not _is_from_others()


def _is_from_others() -> bool:
    origin, site = request.headers.get("Origin"), request.headers.get("Sec-Fetch-Site", "none")
    host = request.headers.get("Host", "").lower()
    return site not in _FROM_HERE or (origin is not None and origin.lower().partition("://")[2] != host)


def _check_form() -> AnyResponse | None:
    if _is_from_others():
        abort(403)
    given = request.form.get("csrf", "")
    if not given:
        abort(400)
    if hmac.compare_digest(given.encode(), session.get("csrf", "").encode()):
        return None
    if not is_from_our_page():
        abort(400)
    # Whoever signs in again proves more than the session of the page did.
    return None if request.endpoint == "sign_in" else back_to_page()
