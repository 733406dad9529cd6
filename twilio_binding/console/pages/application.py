"""The Flask application of the pages."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

import structlog
from flask import Flask, render_template
from werkzeug.exceptions import HTTPException

from twilio_binding.console.pages import (
    alarms,
    calls,
    conversations,
    costs,
    examination,
    guard,
    item_commands,
    live,
    numbers,
    overview,
    phone,
    pictures,
    plots,
    recordings,
    sign_in,
    try_it,
    waiting,
    wording,
)
from twilio_binding.console.pages.unsent_forms import UnsentForms
from twilio_binding.console.ports import ConsoleParts
from twilio_binding.protocol.errors import TwilioBindingError

_log = structlog.get_logger(__name__)

_MOST_BYTES = 256 * 1024
_EXPLAINED = {
    400: "The form was not complete, or this page was open for too long. Go back, reload the page, and try again.",
    403: "The request did not come from this page. Go back, reload the page, and try again. If a reverse proxy is in between, "
    "it has to pass on the host name and port that the browser uses.",
    404: "There is no such page, or what it showed is no longer kept.",
    405: "This address only takes a form of this console. Open the page from the navigation instead.",
    413: "What you sent is too large: a picture can have at most 5 MB, a form 256 kB. Go back, and send less.",
}


def create_app(parts: ConsoleParts) -> Flask:
    """A new application."""
    app = Flask("twilio_binding.console.pages")
    app.config["MAX_CONTENT_LENGTH"] = _MOST_BYTES
    app.jinja_env.trim_blocks = app.jinja_env.lstrip_blocks = True
    app.extensions["unsent"] = UnsentForms()
    guard.check_names(app, parts.entrance.names)
    # Before forms: without access, only a short form of a page of ours is read, so that its text is not lost.
    sign_in.add(app, parts.entrance)
    guard.check_forms(app)
    wording.add(app, parts)
    overview.add(app, parts)
    conversations.add(app, parts)
    pictures.add(app, parts)
    recordings.add(app, parts)
    calls.add(app, parts)
    waiting.add(app, parts)
    numbers.add(app, parts)
    costs.add(app, parts)
    try_it.add(app, parts)
    phone.add(app, parts)
    plots.add(app, parts)
    alarms.add(app, parts)
    item_commands.add(app, parts)
    examination.add(app, parts)
    live.add(app, parts.changes)
    app.register_error_handler(HTTPException, _http_error)
    app.register_error_handler(TwilioBindingError, _refused)
    app.register_error_handler(TimeoutError, _late)
    app.register_error_handler(Exception, partial(_failure, parts.not_stored))
    return app


def _http_error(error: HTTPException) -> tuple[str, int]:
    code = error.code or 500
    text = error.description if code == 421 else _EXPLAINED.get(code, error.name)
    return render_template("error.html", title=error.name, text=text), code


def _refused(error: TwilioBindingError) -> tuple[str, int]:
    return render_template("error.html", title="That did not work", text=error.message), error.http_status or 409


def _late(error: TimeoutError) -> tuple[str, int]:
    _log.warning("console.late", error=str(error))
    text = "The service takes unusually long, and may still do it. Look at the page again before you repeat it."
    return render_template("error.html", title="No answer yet", text=text), 504


def _failure(not_stored: Callable[[], str], error: Exception) -> tuple[str, int]:
    if reason := not_stored():
        _log.warning("console.not_stored", error=type(error).__name__)
        text = f"{reason}. Therefore nothing was done. Mend that, and do it again."
        return render_template("error.html", title="That was not done", text=text[0].upper() + text[1:]), 503
    _log.exception("console.failed", error=type(error).__name__)
    text = "Something went wrong in the service. Its log says what."
    return render_template("error.html", title="That did not work", text=text), 500
