"""Alarms: which are active, who was notified, and a button to acknowledge them."""

from __future__ import annotations

from flask import Flask, abort, flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from twilio_binding.console.ports import ConsoleParts
from twilio_binding.protocol.errors import TwilioBindingError

_BY = "the console"
_RUNS = 30


def add(app: Flask, parts: ConsoleParts) -> None:
    """Add the pages."""
    alarms = parts.alarms

    @app.get("/alarms")
    def alarm_page() -> str:
        return render_template("alarms.html", alarms=alarms.overview(), past=alarms.history()[:_RUNS])

    @app.post("/alarms/<uid>/<action>")
    def act_on_alarm(uid: str, action: str) -> Response:
        try:
            if action == "acknowledge":
                alarms.acknowledge(uid, _BY)
                flash("You have acknowledged the alarm. Nobody else is notified.")
            elif action == "end":
                alarms.end(uid, _BY)
                flash("The alarm has ended.")
            elif action == "test":
                alarms.start(uid, by=_BY, is_test=True)
                flash("The test has started. Every message says that it is a test.")
            else:
                abort(404)
        except TwilioBindingError as error:
            flash(f"That did not work: {error.message}")
        return redirect(url_for("overview") if request.form.get("back") == "overview" else url_for("alarm_page"), 303)
