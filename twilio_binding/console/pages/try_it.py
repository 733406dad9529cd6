"""Try it: send a text or make a call like a rule; in the sandbox, also write and call like somebody outside."""

from __future__ import annotations

from uuid import uuid4

from flask import Flask, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from twilio_binding.console.pages.refused_forms import Filled, refused
from twilio_binding.console.pages.requests import asked, text_of
from twilio_binding.console.pages.unsent_forms import unsent_forms
from twilio_binding.console.ports import ConsoleParts
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
_SENT = "It is being sent. The conversation shows its status."
_MOST_RECIPIENTS = 20
_LONGEST_TEXT = 10_000


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
        return redirect(url_for("calls") if given["kind"] == "call" else url_for("conversations"), 303)


def page(
    parts: ConsoleParts,
    *,
    sent: Filled | None = None,
    used: Filled | None = None,
    costs: list[tuple[str, CostClass, str]] | None = None,
) -> str:
    """The page, with what was entered to send and on the phone outside, errors, and what Twilio will charge for."""
    ringing = parts.sandbox.ringing()
    return render_template(
        "try.html",
        sent=sent or Filled(),
        used=used or Filled(),
        costs=costs,
        request_id=uuid4().hex,
        phone_numbers={uid: one.phone_number for uid, one in parts.things.current().phones.items()},
        has_sandbox=ringing is not None,
        ringing=ringing or (),
        area="try_it",
    )


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
