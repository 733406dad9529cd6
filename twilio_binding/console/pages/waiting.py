"""Events and sends that are waiting or have failed, with reasons and actions."""

from __future__ import annotations

from uuid import uuid4

from flask import Flask, abort, flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from twilio_binding.console.pages.cursors import cursor_of, is_id, number_of, written
from twilio_binding.console.pages.requests import asked
from twilio_binding.console.pages.wording import number
from twilio_binding.console.ports import ConsoleParts
from twilio_binding.history.ports import NEWEST
from twilio_binding.history.undone import PARTS, UndonePart, is_part
from twilio_binding.model.actions import INTERNAL

_FEW, _MANY = 5, 40
_LONGEST_ID = 128
_NEWEST = (NEWEST, -1)
_TIMES = ("notAfter", "to")
"""Arguments that a send again does not take over."""


def add(app: Flask, parts: ConsoleParts) -> None:
    """Add the pages."""
    app.jinja_env.tests["to_several"] = lambda to: isinstance(to, list) and len(to) > 1

    @app.get("/waiting")
    def waiting() -> str:
        found = [parts.history.undone.part(name, _NEWEST, _FEW) for name in PARTS]
        return _page([part for part in found if part.events or part.sends], only="")

    @app.get("/waiting/<name>")
    def waiting_part(name: str) -> str:
        if not is_part(name):
            abort(404)
        cursor = cursor_of(2)
        before = (cursor[0], int(cursor[1])) if cursor else _NEWEST
        return _page([parts.history.undone.part(name, before, _MANY)], only=name)  # type: ignore[arg-type]  # checked above

    @app.post("/waiting/<lane>/<int:event_id>/<decision>")
    def decide(lane: str, event_id: int, decision: str) -> Response:
        ways = {"retry": parts.interventions.retry, "give-up": parts.interventions.give_up}
        if decision not in ways or not is_id(event_id):
            abort(404)
        flash(_TOLD[decision] if ways[decision](lane, event_id) else "It has already been delivered or dropped.")
        return redirect(url_for("waiting"), 303)

    @app.post("/waiting/<lane>/all/<decision>")
    def decide_all(lane: str, decision: str) -> Response:
        ways = {"retry": parts.interventions.retry_all, "give-up": parts.interventions.give_up_all}
        if decision not in ways:
            abort(404)
        flash(f"{ways[decision](lane)} events: {_TOLD[decision]}")
        return redirect(url_for("waiting"), 303)

    _add_sends(app, parts)


_TOLD = {
    "retry": "It will be delivered as soon as possible.",
    "give-up": "It will not be delivered. It stays in the conversation or call.",
}


def _add_sends(app: Flask, parts: ConsoleParts) -> None:
    @app.post("/sends/again")
    def send_again() -> Response:
        part = number_of(request.form.get("part", ""), digits=5)
        send = parts.history.undone.send(request.form.get("of", "")[:_LONGEST_ID], -1 if part is None else part)
        if send is None or send.action in INTERNAL:
            abort(404)
        args = {name: value for name, value in send.args.items() if name not in _TIMES} | {"to": send.to}
        problem = asked(parts, send.thing, send.action, args, done="It is sent again.")
        if problem:
            flash(f"Sending it again failed: {problem}")
        return redirect(url_for("waiting"), 303)

    @app.post("/sends/withdraw")
    def withdraw() -> Response:
        of = request.form.get("of", "")[:_LONGEST_ID]
        part = None if "all" in request.form else number_of(request.form.get("part", ""), digits=5)
        if not of or (part is None and "all" not in request.form):
            abort(400)  # nobody has asked to drop it for all recipients
        parts.withdraw(of, part)
        send = None if part is None else parts.history.undone.send(of, part)
        contact = parts.contact_of(send.to, send.thing) if send else None
        who = contact.label if contact else number(send.to) if send else "any of its recipients"
        flash(f"It will not be sent to {who}, unless Twilio already has it.")
        return redirect(url_for("waiting"), 303)


def _page(found: list[UndonePart], *, only: str) -> str:
    return render_template(
        "waiting.html",
        parts=[(part, part.older and written(*part.older)) for part in found],
        only=only,
        internal=INTERNAL,
        new_id=lambda: uuid4().hex,
        area="waiting",
    )
