"""Try it: send a text or make a call like a rule; in the sandbox, also write and call like somebody outside."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from uuid import uuid4

from flask import Flask, flash, redirect, render_template, request, session, url_for
from markupsafe import Markup
from werkzeug.wrappers import Response

from twilio_binding.console.pages.refused_forms import Filled, refused
from twilio_binding.console.pages.requests import asked, text_of
from twilio_binding.console.pages.unsent_forms import unsent_forms
from twilio_binding.console.pages.wording import number
from twilio_binding.console.ports import ConsoleParts
from twilio_binding.history.conversations import Cursor
from twilio_binding.history.entries import Entry
from twilio_binding.model import actions
from twilio_binding.model.cost_class import CostClass, cost_class, text_cost
from twilio_binding.model.numbers import doubt
from twilio_binding.protocol.errors import Refusal

_ACTIONS = {"text": "sendSMS", "whatsapp": "sendWhatsApp", "call": "makeTTSCall"}
_FIELDS = ("thing", "kind", "to", "text", "picture")
_PLACES = {
    "unknown_thing": "thing",
    "bad_number": "to",
    "too_many_recipients": "to",
    "empty_message": "text",
    "too_long": "text",
    "bad_media_url": "picture",
    "too_many_media": "picture",
}
"""The field that a refusal is about."""
_SENT = "Twilio has accepted it."
_OWN_NUMBER = "phone"
"""In the session: the number of the phone outside."""
_MOST_TEXTS = 6
_MOST_RECIPIENTS = 20
_LONGEST_TEXT = 10_000


@dataclass(frozen=True, slots=True, kw_only=True)
class _PhoneTexts:
    """The newest texts on the phone outside, oldest first, and the conversation that has all."""

    peer_id: int
    entries: Sequence[Entry]


def add(app: Flask, parts: ConsoleParts) -> None:
    """Add the page."""

    # A page that a form has led to renews itself at the form's address, and can be opened there again.
    @app.get("/try/phone", endpoint="refused_phone")
    @app.get("/try/send", endpoint="checked")
    @app.get("/try")
    def try_it() -> str:
        take = unsent_forms().take
        return page(parts, sent=take(url_for("try_send")), used=take(url_for("use_phone")))

    @app.post("/segments")
    def segments() -> str:
        return render_template("counted.html", cost=text_cost(text_of("text")[:_LONGEST_TEXT]))

    @app.post("/try/send")
    def try_send() -> Response | str | tuple[str, int]:
        given = {name: text_of(name) for name in _FIELDS}
        action, args = _wanted(given)
        try:
            costs = _costs(parts, given["thing"], action, args)
        except Refusal as refusal:
            place = _PLACES.get(refusal.code, "text" if given["to"].strip() else "to")
            return page(parts, sent=refused(given, refusal, place)), 409
        if request.form.get("step") != "send":
            return page(parts, sent=Filled(values=given), costs=costs)
        problem = asked(parts, given["thing"], action, args, done=_SENT)
        if problem:
            return page(parts, sent=Filled(values=given, problem=problem)), 409
        flash(_conversations(parts, [to for to, _, _ in costs]))
        return redirect(url_for("try_it"), 303)


def page(
    parts: ConsoleParts,
    *,
    sent: Filled | None = None,
    used: Filled | None = None,
    costs: list[tuple[str, CostClass, str]] | None = None,
) -> str:
    """The page, with what was entered to send and on the phone outside, errors, and what Twilio will charge for."""
    ringing = parts.sandbox.ringing()
    own = "" if ringing is None else session.get(_OWN_NUMBER, "")
    return render_template(
        "try.html",
        sent=sent or Filled(),
        used=used or Filled(),
        costs=costs,
        request_id=uuid4().hex,
        own_number=own,
        texts=_texts(parts, own),
        phone_numbers={uid: one.phone_number for uid, one in parts.things.current().phones.items()},
        has_sandbox=ringing is not None,
        ringing=ringing or (),
        area="try_it",
    )


def keep_number(own: str) -> None:
    """Keep the number of the phone outside for the session, so that the page shows what comes in there."""
    session[_OWN_NUMBER] = own


def _texts(parts: ConsoleParts, own: str) -> _PhoneTexts | None:
    talks = parts.history.conversations
    peer_id = talks.ids_of([own]).get(own)
    peer = talks.peer(peer_id) if peer_id else None
    if peer is None:
        return None
    return _PhoneTexts(peer_id=peer.id, entries=list(reversed(talks.of(peer, Cursor(), _MOST_TEXTS).entries)))


def _conversations(parts: ConsoleParts, recipients: Iterable[str]) -> Markup:
    """Links to the conversations with the recipients, which show what becomes of a text or call."""
    link = Markup('<a href="{}">{}</a>')
    links = [
        link.format(url_for("conversation", peer_id=peer_id, _anchor="text"), number(to))
        for to, peer_id in parts.history.conversations.ids_of(recipients).items()
    ]
    return Markup("See what becomes of it: {}").format(Markup(", ").join(links))


def _wanted(given: dict[str, str]) -> tuple[str, dict[str, object]]:
    """The action and its arguments."""
    action = _ACTIONS.get(given["kind"], "sendSMS")
    numbers = [number for number in given["to"].replace(";", ",").split(",") if number.strip()]
    to: object = numbers[0] if len(numbers) == 1 else numbers
    if action == "makeTTSCall":
        return action, {"to": to, "text": given["text"]}
    picture: dict[str, object] = {"mediaUrl": given["picture"]} if given["picture"].strip() else {}
    return action, {"to": to, "message": given["text"]} | picture


def _costs(parts: ConsoleParts, thing: str, action: str, args: dict[str, object]) -> list[tuple[str, CostClass, str]]:
    """What Twilio will charge for each recipient, and doubts about the number; raises `Refusal`."""
    phone = parts.things.current().phone(thing)
    send = actions.read_send(action, args)
    if len(send.to) > _MOST_RECIPIENTS:
        raise Refusal("too_many_recipients", f"you can send to at most {_MOST_RECIPIENTS} recipients at a time")
    return [(to, cost_class(phone.phone_number, send, to), doubt(to)) for to in send.to]
