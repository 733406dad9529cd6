"""Alarms: which are active, who was notified, and a button to acknowledge them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flask import Flask, abort, flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from twilio_binding.console.pages.wording import masked
from twilio_binding.console.ports import AlarmDesk, ConsoleParts
from twilio_binding.protocol.errors import TwilioBindingError

if TYPE_CHECKING:
    from twilio_binding.alarms.views import AlarmView

_BY = "the console"
_RUNS = 30
_ABOUT_A_RUN = ("acknowledge", "end")
_ACKNOWLEDGED = "You have acknowledged the {what}. Nobody else is notified."
_STARTED = "The test has started. Every message says that it is a test."
_ANOTHER = (
    "Nothing was done: the alarm has started again since the page was opened. Read it, and press the button again."
)
_NO_TEST = "No test was started: this is a real alarm, and it is still active."


def add(app: Flask, parts: ConsoleParts) -> None:
    """Add the pages."""
    alarms = parts.alarms

    @app.get("/alarms")
    def alarm_page() -> str:
        return render_template("alarms.html", alarms=alarms.overview(), past=alarms.history()[:_RUNS])

    @app.post("/alarms/<uid>/<action>")
    def act_on_alarm(uid: str, action: str) -> Response:
        try:
            if action in _ABOUT_A_RUN and _is_another(alarms, uid, request.form.get("run", "")):
                flash(_ANOTHER)
            elif action == "acknowledge":
                flash(_acknowledged(alarms.acknowledge(uid, _BY)))
            elif action == "end":
                flash("The test has ended." if alarms.end(uid, _BY).is_test else "The alarm has ended.")
            elif action == "test":
                flash(_STARTED if alarms.start(uid, by=_BY, is_test=True).is_test else _NO_TEST)
            else:
                abort(404)
        except TwilioBindingError as error:
            flash(f"That did not work: {error.message}")
        return redirect(url_for("overview") if request.form.get("back") == "overview" else url_for("alarm_page"), 303)


def _is_another(alarms: AlarmDesk, uid: str, seen: str) -> bool:
    """Whether an alarm has started again since somebody saw its run: it may be a new fire, which they have not seen."""
    now = next((one for one in alarms.overview() if one.uid == uid), None)
    return now is not None and now.state != "idle" and bool(seen) and now.run != seen


def _acknowledged(alarm: AlarmView) -> str:
    if not alarm.taken_by:
        return "The alarm has already ended."
    what = "test" if alarm.is_test else "alarm"
    if alarm.taken_by != _BY:
        return f"{masked(alarm.taken_by)} has already acknowledged the {what}."
    return _ACKNOWLEDGED.format(what=what)
