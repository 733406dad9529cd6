"""The doctor: tests each link of the chain on request."""

from __future__ import annotations

from flask import Flask, redirect, render_template, url_for
from werkzeug.wrappers import Response

from twilio_binding.console.ports import ConsoleParts


def add(app: Flask, parts: ConsoleParts) -> None:
    """Add the page."""

    @app.get("/doctor")
    def doctor_page() -> str:
        return render_template("doctor.html", examined=parts.doctor.last(), area="overview")

    @app.post("/doctor")
    def examine() -> Response:
        parts.doctor.examine()
        return redirect(url_for("doctor_page"), 303)
