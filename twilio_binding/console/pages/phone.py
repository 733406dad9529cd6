"""The sandbox's phone: write, attach a picture, call, listen, press keys, and see what rules got and answered."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

from flask import Flask, abort, flash, jsonify, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from twilio_binding.console.pages import try_it
from twilio_binding.console.pages.refused_forms import refused
from twilio_binding.console.pages.requests import text_of
from twilio_binding.console.pages.unsent_forms import names_of
from twilio_binding.console.pages.wording import here
from twilio_binding.console.ports import ConsoleParts
from twilio_binding.model.content_types import Media, NoMediaError, read_media
from twilio_binding.model.numbers import parse_e164
from twilio_binding.protocol.errors import Refusal, TwilioBindingError

LARGEST_PICTURE = 5 * 1024 * 1024
_KEYS = frozenset("0123456789*#")
_LONGEST_SID, _LONGEST_WORDS = 64, 500
_PLACES = {"bad_number": "from", "unknown_thing": "thing", "no_picture": "picture"}
"""The field that a refusal is about."""
_MOMENT = 2.0
"""Seconds to wait for the effect of an input, so that the page shows it."""
_WAIT = 20.0


def add(app: Flask, parts: ConsoleParts) -> None:
    """Add the pages."""
    phone = parts.sandbox

    @app.post("/try/phone")
    def use_phone() -> Response | tuple[str, int]:
        given = {name: text_of(name) for name in ("from", "thing", "text")} | names_of(request.files)
        try:
            return _used(parts, given)
        except TwilioBindingError as error:
            return try_it.page(parts, used=refused(given, error, _PLACES.get(error.code, ""))), 409

    @app.get("/try/calls/<sid>")
    def live_call(sid: str) -> str:
        state = _state(parts, sid)
        return render_template(
            "live_call.html", sid=sid, state=state, story=parts.history.calls.story(sid), area="try_it"
        )

    @app.get("/try/calls/<sid>/changes")
    def live_call_changes(sid: str) -> Response:
        state = phone.state(_sid(parts, sid), since=_version(), wait=_WAIT)
        return jsonify(version=state["version"], over=state["over"])

    @app.post("/try/calls/<sid>")
    def live_act(sid: str) -> Response:
        before = _state(parts, sid)
        keys = "".join(key for key in request.form.get("keys", "")[:32] if key in _KEYS)
        words = request.form.get("words", "").strip()[:_LONGEST_WORDS]
        phone.act(sid, keys=keys, words=words, hang_up="hang_up" in request.form, answer="answer" in request.form)
        # The script of the page shows the effect as soon as there is one.
        is_followed = "X-Renewal" in request.headers
        if not is_followed and (before["waits"] is not None or "hang_up" in request.form):
            phone.state(sid, since=int(before["version"]) + 2, wait=_MOMENT)
        return redirect(here(), 303)


def _used(parts: ConsoleParts, given: Mapping[str, str]) -> Response:
    """Send the text, make the call, or let calls ring on this page."""
    phone = parts.sandbox
    sender = parse_e164(given["from"])
    try_it.keep_number(sender)
    if "ring" in request.form:
        phone.ring_here(sender)
        flash("Calls to this number ring on this page from now on.")
        return redirect(url_for("try_it"), 303)
    to = parts.things.current().phone(given["thing"]).phone_number
    if "call" in request.form:
        return redirect(url_for("live_call", sid=phone.call(sender, to)), 303)
    problem = phone.write(sender, to, given["text"], _picture())
    flash(f"Twilio would report: {problem}" if problem else "The text came in.")
    return redirect(url_for("try_it"), 303)


def _picture() -> Media | None:
    file = request.files.get("picture")
    content = file.read() if file else b""
    if not content:
        return None
    try:
        return read_media(file.content_type if file else None, content)
    except NoMediaError as error:
        raise Refusal("no_picture", str(error)) from None


def _sid(parts: ConsoleParts, sid: str) -> str:
    if len(sid) > _LONGEST_SID or not sid.isalnum() or not parts.sandbox.is_there():
        abort(404)
    return sid


def _state(parts: ConsoleParts, sid: str) -> dict[str, Any]:
    try:
        return parts.sandbox.state(_sid(parts, sid))
    except TwilioBindingError as error:
        if error.code == "no_sandbox":
            raise
        abort(404)


def _version() -> int:
    try:
        since = float(request.args.get("since", "-1"))
    except ValueError:
        return -1
    return int(since) if math.isfinite(since) and abs(since) < 1e9 else -1
