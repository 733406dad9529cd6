"""Forms that were sent after the session of their page had ended: nothing is done, and the page shows them again, filled."""

from __future__ import annotations

import json
import re
import secrets
import threading
from collections import OrderedDict
from collections.abc import Mapping

from flask import current_app, flash, redirect, request, session
from werkzeug.wrappers import Response

from twilio_binding.console.pages.refused_forms import Filled

_WITH_TEXT = frozenset(("reply", "try_send", "use_phone", "try_sentence"))
"""Endpoints of the forms in which people write."""
_OURS = frozenset(("csrf", "request"))
_ADDRESS = re.compile(r"https?://([^/]*)(/.*)")
_NAME = "unsent"
_MOST = 20
NOT_DONE = "The session of this page had ended, so nothing was done. Please do it again."


class UnsentForms:
    """The newest forms, each for the session that sent it, until its page shows it. Thread-safe."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._kept: OrderedDict[str, tuple[str, Mapping[str, str]]] = OrderedDict()

    def keep(self, path: str, fields: Mapping[str, str]) -> None:
        """Keep what was typed into the form with this address, for the session of this request."""
        key = session[_NAME] = secrets.token_urlsafe(9)
        with self._lock:
            self._kept[key] = path, fields
            if len(self._kept) > _MOST:
                self._kept.popitem(last=False)

    def take(self, path: str) -> Filled:
        """What was typed into the form with this address; an empty form if nothing was. It is returned once.

        A page that renews itself, perhaps in another tab, leaves it to the page that is being opened.
        """
        if "X-Renewal" in request.headers:
            return Filled()
        key = session.get(_NAME, "")
        with self._lock:
            if self._kept.get(key, ("",))[0] != path:
                return Filled()
            _, fields = self._kept.pop(key)
        return Filled(values=fields, is_unsent=True)


def unsent_forms() -> UnsentForms:
    """The forms of this application."""
    forms: UnsentForms = current_app.extensions[_NAME]
    return forms


def typed() -> dict[str, str] | None:
    """What was typed into the form of this request; None if people do not write in it."""
    if request.endpoint not in _WITH_TEXT:
        return None
    return {name: value for name, value in request.form.items() if name not in _OURS}


def packed(fields: Mapping[str, str]) -> str:
    """The form of this request as a text, for a field of the sign-in page."""
    return json.dumps([request.path, fields], ensure_ascii=False)


def unpack(text: str) -> None:
    """Keep a form that was packed; anything else is ignored."""
    try:
        path, fields = json.loads(text)
        values = {str(name): str(value) for name, value in fields.items()}
    except (ValueError, TypeError, AttributeError, RecursionError):
        return
    unsent_forms().keep(str(path), values)


def back_to_page() -> Response:
    """Leads from a form of an ended session to its page, which shows what was typed, or says that nothing was done."""
    fields = typed()
    if fields is None:
        flash(NOT_DONE)
    else:
        unsent_forms().keep(request.path, fields)
    return redirect(page_of_form(), 303)


def page_of_form() -> str:
    """The page with the form that was sent."""
    found = _ADDRESS.fullmatch(request.referrer or "")
    return found[2] if found and found[1] == request.host else "/"
