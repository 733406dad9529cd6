"""Commands by text and phone: the items as callers hear them, how a sentence is understood, and past commands."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from flask import Flask, render_template, request

from twilio_binding.console.pages.cursors import number_of
from twilio_binding.console.pages.refused_forms import Filled
from twilio_binding.console.pages.unsent_forms import unsent_forms
from twilio_binding.console.pages.wording import hidden
from twilio_binding.console.ports import ConsoleParts
from twilio_binding.history.twiml_tree import Verb, verbs_of
from twilio_binding.model.contacts import Contact
from twilio_binding.model.sentences.items import ReachableItem, ReachableItems
from twilio_binding.people.item_desk import ItemDesk, Understood
from twilio_binding.protocol.errors import TwilioBindingError

_ITEMS, _NEWEST, _PAST = 50, 5, 40
_LONGEST_SEARCH, _LONGEST_SENTENCE = 100, 500
_TEXTS = "String"


@dataclass(frozen=True, slots=True, kw_only=True)
class _Tried:
    """A tried sentence, without what may be a PIN."""

    sentence: str
    understood: Understood | None = None
    problem: str = ""


def add(app: Flask, parts: ConsoleParts) -> None:
    """Add the pages."""
    app.jinja_env.filters["of_item"] = _value

    @app.get("/commands")
    def item_commands() -> str:
        return _page(parts, unsent=unsent_forms().take(request.path))

    @app.post("/commands")
    def try_sentence() -> str:
        return _page(parts, request.form.get("text", "").strip()[:_LONGEST_SENTENCE])

    @app.get("/commands/past")
    def past_commands() -> str:
        found = parts.items.past(_PAST + 1, number_of(request.args.get("before", ""), digits=18))
        older = found[_PAST - 1].entry.number if len(found) > _PAST else None
        known = _reachable(parts.items)[0].by_name
        return render_template("past_commands.html", past=found[:_PAST], older=older, known=known, area="item_commands")


def _page(parts: ConsoleParts, sentence: str = "", *, unsent: Filled | None = None) -> str:
    form = unsent or Filled()
    things = parts.things.current()
    able = [one for one in things.contacts.values() if one.may("read") or one.may("command")]
    wanted = form.values.get("contact") or request.values.get("contact", "")
    contact = next((one for one in able if str(one.uid) == wanted), able[0] if able else None)
    items, problem = _reachable(parts.items)
    shown, page, pages = _part(items)
    texts = parts.items.texts(contact)
    states: Sequence[str] = [""] * len(shown)
    try:
        states = parts.items.states(texts, shown)
    except TwilioBindingError as error:
        problem = problem or error.message
    return render_template(
        "item_commands.html",
        phones_of_things=things.phones.values(),
        able=able,
        contact=contact,
        items=items,
        rows=[(item, state, parts.items.takes(texts, item)) for item, state in zip(shown, states, strict=True)],
        page=page,
        pages=pages,
        wanted=_filter(),
        problem=problem,
        heard=_heard(parts.items, contact) if contact and not problem else (),
        form=form,
        tried=_try(parts.items, contact, sentence) if contact and sentence else None,
        past=parts.items.past(_NEWEST),
        known=items.by_name,
        area="item_commands",
    )


def _reachable(desk: ItemDesk) -> tuple[ReachableItems, str]:
    try:
        return desk.reachable(), ""
    except TwilioBindingError as error:
        return ReachableItems(), error.message


def _filter() -> str:
    return request.args.get("q", "").strip()[:_LONGEST_SEARCH]


def _part(items: ReachableItems) -> tuple[Sequence[ReachableItem], int, int]:
    """The items of this page, its number from 1, and the number of pages."""
    wanted = _filter().casefold()
    chosen = sorted(
        (one for one in items.by_name.values() if wanted in one.label.casefold() or wanted in one.metadata.casefold()),
        key=lambda one: (one.label.casefold(), one.name),
    )
    pages = max(1, -(-len(chosen) // _ITEMS))
    page = min(pages, max(1, number_of(request.args.get("page", ""), digits=8) or 1))
    return chosen[(page - 1) * _ITEMS : page * _ITEMS], page, pages


def _heard(desk: ItemDesk, contact: Contact) -> Sequence[str]:
    """The sentences that a calling contact hears."""
    try:
        return [text for verb in verbs_of(desk.menu(contact)) for text in _said(verb)]
    except TwilioBindingError:
        return ()


def _said(verb: Verb) -> list[str]:
    own = [verb.text] if verb.name == "Say" and verb.text else []
    return own + [text for each in verb.verbs for text in _said(each)]


def _value(value: str, item: ReachableItem | None) -> str:
    """A value of an item. Long numbers in texts are masked, because they may be codes or phone numbers."""
    may_be_text = item is None or item.type == _TEXTS
    return hidden(value) if may_be_text else value


def _try(desk: ItemDesk, contact: Contact, sentence: str) -> _Tried:
    shown = hidden(sentence)
    try:
        return _Tried(sentence=shown, understood=desk.understand(contact, sentence))
    except TwilioBindingError as error:
        return _Tried(sentence=shown, problem=error.message)
