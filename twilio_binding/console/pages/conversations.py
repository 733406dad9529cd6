"""Conversations by number, with a reply box."""

from __future__ import annotations

from uuid import uuid4

from flask import Flask, abort, flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from twilio_binding.console.pages.cursors import cursor_of, is_id, number_of, written
from twilio_binding.console.pages.refused_forms import Filled
from twilio_binding.console.pages.requests import asked, text_of
from twilio_binding.console.pages.unsent_forms import unsent_forms
from twilio_binding.console.ports import ConsoleParts
from twilio_binding.history.conversations import Cursor
from twilio_binding.history.ports import NEWEST, Peer

_NUMBERS, _LINES = 25, 40
_LONGEST_SEARCH = 100
_WHATSAPP = "whatsapp:"


def add(app: Flask, parts: ConsoleParts) -> None:
    """Add the pages."""
    talks = parts.history.conversations

    @app.get("/conversations")
    def conversations() -> str:
        wanted = request.args.get("q", "").strip()[:_LONGEST_SEARCH]
        if wanted:
            return _search(parts, wanted)
        summaries, older = talks.newest(cursor_of(2) or (NEWEST, NEWEST), _NUMBERS)  # type: ignore[arg-type]
        return render_template("conversations.html", summaries=summaries, older=older and written(*older))

    @app.get("/conversations/<int:peer_id>")
    def conversation(peer_id: int) -> str:
        return _conversation(parts, _peer(parts, peer_id), unsent_forms().take(request.path))

    @app.post("/conversations/<int:peer_id>")
    def reply(peer_id: int) -> Response | tuple[str, int]:
        peer = _peer(parts, peer_id)
        given = {name: text_of(name) for name in ("thing", "text")}
        action = "sendWhatsApp" if peer.number.startswith(_WHATSAPP) else "sendSMS"
        problem = asked(parts, given["thing"], action, {"to": peer.number, "message": given["text"]})
        if problem:
            return _conversation(parts, peer, Filled(values=given, problem=problem, place="text")), 409
        return redirect(url_for("conversation", peer_id=peer_id, _anchor="text"), 303)

    @app.post("/events/<int:event_id>/replay")
    def replay(event_id: int) -> Response:
        again = parts.interventions.replay(event_id) if is_id(event_id) else None
        if again is None:
            abort(404)
        flash("The event is delivered again: items get its states, and its trigger fires.")
        peer_id = number_of(request.form.get("peer", ""), digits=14)
        back = url_for("conversations") if peer_id is None else url_for("conversation", peer_id=peer_id)
        return redirect(back, 303)


def _peer(parts: ConsoleParts, peer_id: int) -> Peer:
    peer = parts.history.conversations.peer(peer_id) if is_id(peer_id) else None
    if peer is None:
        abort(404)
    return peer


def _conversation(parts: ConsoleParts, peer: Peer, reply: Filled) -> str:
    cursor = cursor_of(2)
    part = parts.history.conversations.of(peer, Cursor(event=cursor[0], send=cursor[1]) if cursor else Cursor(), _LINES)
    return render_template(
        "conversation.html",
        peer=peer,
        entries=list(reversed(part.entries)),
        older=part.older and written(part.older.event, part.older.send),
        is_newest=cursor is None,
        request_id=uuid4().hex,
        reply=reply,
    )


def _search(parts: ConsoleParts, wanted: str) -> str:
    cursor = cursor_of(2)
    found = parts.history.conversations.search(wanted, Cursor(event=cursor[0], send=cursor[1]) if cursor else Cursor())
    digits = "".join(character for character in wanted if character.isdecimal())
    return render_template(
        "search.html",
        wanted=wanted,
        entries=found.entries,
        ids=parts.history.conversations.ids_of(entry.number for entry in found.entries),
        summaries=parts.history.conversations.numbers(digits) if len(digits) > 2 and not cursor else [],
        older=found.older and written(found.older.event, found.older.send),
    )
