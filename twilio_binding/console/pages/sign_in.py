"""Signing in with `admin.token`, and signing out."""

from __future__ import annotations

import hashlib
import hmac
import math
import secrets
import time
from datetime import timedelta

import structlog
from flask import Flask, Response, flash, redirect, render_template, request, session, url_for
from werkzeug.wrappers import Response as AnyResponse

from twilio_binding.console.pages import unsent_forms
from twilio_binding.console.pages.attempts import Attempts
from twilio_binding.console.pages.guard import is_from_our_page, most_bytes
from twilio_binding.console.ports import Entrance

_log = structlog.get_logger(__name__)

_LIFETIME = timedelta(hours=12)
_MARGIN = timedelta(minutes=5)
_PROLONGED = 3600
"""Seconds after which the cookie of a session in use is renewed."""
_LONGEST_FORM = 120 * 1024
"""Bytes of a form that are read for the page to sign in; with its escapes, it must not become too large itself."""
_OPEN = ("sign_in", "static")


def add(app: Flask, entrance: Entrance) -> None:
    """Require a signed-in session for the pages, if there is a token."""
    app.secret_key = hmac.digest(entrance.secret, f"console {entrance.token}".encode(), hashlib.sha256)
    app.config |= {
        # Browsers do not tell ports apart: the cookie of another service on this machine must not take the place of ours.
        "SESSION_COOKIE_NAME": f"twilio_console_{hmac.digest(entrance.secret, b'name', hashlib.sha256).hex()[:8]}",
        "SESSION_COOKIE_HTTPONLY": True,
        "SESSION_COOKIE_SAMESITE": "Strict",
        "PERMANENT_SESSION_LIFETIME": _LIFETIME,
        # A cookie with each answer would overwrite what another answer has just written to the session.
        "SESSION_REFRESH_EACH_REQUEST": False,
    }
    attempts = Attempts()

    @app.before_request
    def ask() -> AnyResponse | str | None:
        if _is_led_here():
            return render_template("led_here.html", wanted=_here())
        if not entrance.token:
            return None
        if _is_in(entrance):
            _prolong()
            return None
        return None if request.endpoint in _OPEN else _sign_in_first()

    @app.route("/sign-in", methods=["GET", "POST"])
    def sign_in() -> AnyResponse | str:
        if not entrance.token or _is_in(entrance):
            unsent_forms.unpack(request.form.get("unsent", ""))
            return redirect(_wanted(), 303)
        if request.method == "GET":
            return render_template("sign_in.html", wanted=_wanted())
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
        return Response(_again(problem), 429, {"Retry-After": str(pause)})
    if hmac.compare_digest(request.form.get("token", "").strip().encode(), token.encode()):
        session.clear()
        session.permanent = True
        session["in"] = secrets.token_urlsafe(18)
        session["since"] = int(time.time())
        unsent_forms.unpack(request.form.get("unsent", ""))
        return redirect(_wanted(), 303)
    attempts.failed(address)
    _log.warning("console.wrong_token", client=address)
    return Response(_again("The token is wrong."), 401)


def _is_led_here() -> bool:
    """Whether a link of another site led here. Then the browser withholds the cookie, and a new one would end the session."""
    site, mode = (request.headers.get(f"Sec-Fetch-{name}") for name in ("Site", "Mode"))
    is_page = request.method == "GET" and request.endpoint not in _OPEN
    return is_page and (site, mode) == ("cross-site", "navigate") and not request.cookies


def _here() -> str:
    return request.full_path.rstrip("?")


def _again(problem: str) -> str:
    return render_template("sign_in.html", wanted=_wanted(), unsent=request.form.get("unsent", ""), problem=problem)


def _sign_in_first() -> AnyResponse:
    """Leads to the sign-in page. Instead of what a form should do, that page holds what was typed: nothing is kept of strangers."""
    if request.method == "GET":
        return redirect(url_for("sign_in", next=_here()), 303)
    wanted, is_ours = unsent_forms.page_of_form(), is_from_our_page()
    is_read = is_ours and 0 < (request.content_length or 0) <= most_bytes()
    fields = unsent_forms.typed(_LONGEST_FORM) if is_read else None
    if fields is not None:
        return Response(render_template("sign_in.html", wanted=wanted, unsent=unsent_forms.packed(fields)), 401)
    if is_ours and request.endpoint != "sign_out":
        flash(unsent_forms.NOT_DONE)
    return redirect(url_for("sign_in", next=wanted), 303)


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


def _wanted() -> str:
    """The page to show after signing in, one of ours."""
    wanted = request.values.get("next", "/")
    is_ours = wanted.startswith("/") and not wanted.startswith(("//", "/\\")) and wanted.isprintable()
    return wanted if is_ours else "/"
