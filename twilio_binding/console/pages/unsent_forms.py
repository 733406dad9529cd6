"""Forms that were sent after the session of their page had ended: nothing is done, and the page shows them again, filled."""

from __future__ import annotations

import json
import re
import secrets
import threading
from collections import OrderedDict
from collections.abc import Mapping
from io import BytesIO

from flask import current_app, flash, redirect, request, session
from werkzeug.datastructures import FileStorage
from werkzeug.formparser import FormDataParser
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


def typed(most: int | None = None) -> dict[str, str] | None:
    """What was typed into the form of this request, and the names of chosen files; None if people do not write in it.

    Only the first bytes are kept in memory, at most so many if there is a limit; None if that cuts off more than a file.
    """
    if request.endpoint not in _WITH_TEXT:
        return None
    if most is None or (request.content_length or 0) <= most:
        return _filled(request.form, request.files)
    form, files = _begin(most)
    return _filled(form, files) if files else None


def _filled(form: Mapping[str, str], files: Mapping[str, FileStorage]) -> dict[str, str]:
    return {name: value for name, value in form.items() if name not in _OURS} | names_of(files)


def names_of(files: Mapping[str, FileStorage]) -> dict[str, str]:
    """The names of chosen files, by field. Browsers do not choose a file again, so people have to."""
    return {name: file.filename for name, file in files.items() if file.filename}


def _begin(most: int) -> tuple[Mapping[str, str], Mapping[str, FileStorage]]:
    """The fields and files in the first bytes of this request. Files come last, so what is cut off is mostly a picture."""
    body = request.input_stream
    end = f"\r\n--{request.mimetype_params.get('boundary', '')}--\r\n".encode()
    begin = BytesIO(body.read(most) + end)
    while body.read(most):  # a browser that is still sending would not see the answer
        pass
    _, form, files = FormDataParser(max_form_parts=_MOST).parse(begin, request.mimetype, None, request.mimetype_params)
    return form, files


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
