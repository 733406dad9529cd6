"""Signing in with `admin.token`, and signing out."""

from __future__ import annotations

import hashlib
import hmac
import math
import re
import secrets
import time
from datetime import timedelta

import structlog
from flask import Flask, Response, redirect, render_template, request, session, url_for
from werkzeug.wrappers import Response as AnyResponse

from twilio_binding.console.pages.attempts import Attempts
from twilio_binding.console.ports import Entrance

_log = structlog.get_logger(__name__)

_LIFETIME = timedelta(hours=12)
_MARGIN = timedelta(minutes=5)
_PROLONGED = 3600
"""Seconds after which the cookie of a session in use is renewed."""
_OPEN = ("sign_in", "static")
_ADDRESS = re.compile(r"https?://([^/]*)(/.*)")


def add(app: Flask, entrance: Entrance) -> None:
    """Require a signed-in session for the pages, if there is a token."""
    app.secret_key = hmac.digest(entrance.secret, f"console {entrance.token}".encode(), hashlib.sha256)
    app.config |= {
        "SESSION_COOKIE_NAME": "twilio_console",
        "SESSION_COOKIE_HTTPONLY": True,
        "SESSION_COOKIE_SAMESITE": "Strict",
        "PERMANENT_SESSION_LIFETIME": _LIFETIME,
        # A cookie with each answer would overwrite what another answer has just written to the session.
        "SESSION_REFRESH_EACH_REQUEST": False,
    }
    attempts = Attempts()

    @app.before_request
    def ask() -> AnyResponse | None:
        if not entrance.token:
            return None
        if _is_in(entrance):
            _prolong()
            return None
        if request.endpoint in _OPEN:
            return None
        wanted = request.full_path.rstrip("?") if request.method == "GET" else _page_of_form()
        return redirect(url_for("sign_in", next=wanted), 303)

    @app.route("/sign-in", methods=["GET", "POST"])
    def sign_in() -> AnyResponse | str:
        if not entrance.token or _is_in(entrance):
            return redirect(_wanted(), 303)
        if request.method == "GET":
            return render_template("sign_in.html", wanted=_wanted(), problem="")
        return _sign_in(entrance.token, attempts)

    @app.post("/sign-out")
    def sign_out() -> AnyResponse:
        _sign_out(entrance)
        return redirect(url_for("sign_in"), 303)

    app.jinja_env.globals["has_token"] = bool(entrance.token)


def _sign_in(token: str, attempts: Attempts) -> AnyResponse:
    address = request.remote_addr or ""
    pause = math.ceil(attempts.pause(address))
    if pause:
        problem = f"Too many wrong tokens. Try again in {pause} seconds."
        response = Response(render_template("sign_in.html", wanted=_wanted(), problem=problem), 429)
        response.headers["Retry-After"] = str(pause)
        return response
    if hmac.compare_digest(request.form.get("token", "").strip().encode(), token.encode()):
        session.clear()
        session.permanent = True
        session["in"] = secrets.token_urlsafe(18)
        session["since"] = int(time.time())
        return redirect(_wanted(), 303)
    attempts.failed(address)
    _log.warning("console.wrong_token", client=address)
    return Response(render_template("sign_in.html", wanted=_wanted(), problem="The token is wrong."), 401)


def _sign_out(entrance: Entrance) -> None:
    known = session["in"] if _is_in(entrance) else ""
    # First, so that the browser drops its cookie even if nothing can be stored.
    session.clear()
    if known:
        entrance.ended.end(known, seconds=(_LIFETIME + _MARGIN).total_seconds())


def _is_in(entrance: Entrance) -> bool:
    """Whether the cookie belongs to a session that was signed in and not out."""
    known = session.get("in")
    return isinstance(known, str) and not entrance.ended.has_ended(known)


def _prolong() -> None:
    """Extend a session that is in use to its full lifetime."""
    if time.time() - session.get("since", 0) > _PROLONGED:
        session["since"] = int(time.time())


def _page_of_form() -> str:
    """The page with the form that was sent, to come back to it after signing in."""
    found = _ADDRESS.fullmatch(request.referrer or "")
    return found[2] if found and found[1] == request.host else "/"


def _wanted() -> str:
    """The page to show after signing in, one of ours."""
    wanted = request.values.get("next", "/")
    is_ours = wanted.startswith("/") and not wanted.startswith(("//", "/\\")) and wanted.isprintable()
    return wanted if is_ours else "/"
