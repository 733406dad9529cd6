"""Calls, and the steps of each."""

from __future__ import annotations

from flask import Flask, abort, render_template

from twilio_binding.console.pages.cursors import cursor_of, written
from twilio_binding.console.ports import ConsoleParts
from twilio_binding.history.calls import CallCursor

_CALLS = 40
_LONGEST_SID = 64


def add(app: Flask, parts: ConsoleParts) -> None:
    """Add the pages."""

    @app.get("/calls")
    def calls() -> str:
        cursor = cursor_of(3)
        start = CallCursor(event=cursor[0], send=cursor[1], part=int(cursor[2])) if cursor else CallCursor()
        found, older = parts.history.calls.newest(start, _CALLS)
        return render_template("calls.html", calls=found, older=older and written(older.event, older.send, older.part))

    @app.get("/calls/<sid>")
    def call(sid: str) -> str:
        story = parts.history.calls.story(sid) if len(sid) <= _LONGEST_SID else None
        if story is None:
            abort(404)
        return render_template("call.html", story=story, call=story.summary, area="calls")
