"""Costs: what an account has spent, by kind and period."""

from __future__ import annotations

from flask import Flask, abort, render_template

from twilio_binding.console.ports import ConsoleParts
from twilio_binding.model.costs import Costs
from twilio_binding.protocol.errors import TwilioBindingError

_KINDS = {
    "sms": "Texts",
    "mms": "Pictures (MMS)",
    "calls": "Calls",
    "recordings": "Recordings",
    "phonenumbers": "Numbers",
}
"""Twilio's usage categories that are shown; none is part of another one."""
_LEAST = 0.00005
"""Smaller amounts are shown as zero."""


def add(app: Flask, parts: ConsoleParts) -> None:
    """Add the page."""

    @app.get("/numbers/<thing>/costs")
    def costs(thing: str) -> str:
        account = parts.things.current().accounts.get(thing)
        if account is None:
            abort(404)
        found, problem = None, ""
        try:
            found = parts.costs(account)
        except TwilioBindingError as error:
            problem = error.message
        rows = _rows(found) if found else []
        return render_template(
            "costs.html",
            account=account,
            costs=found,
            rows=rows,
            problem=problem,
            is_made_up=parts.sandbox.is_there(),
            area="numbers",
        )


def _rows(costs: Costs) -> list[tuple[str, list[str]]]:
    """A row for each kind of cost that is not zero, one for the rest, and the total. Each has an amount for each period."""
    kinds = [(title, [spent.by.get(category, 0.0) for spent in costs.spent]) for category, title in _KINDS.items()]
    total = [spent.total for spent in costs.spent]
    rest = [whole - sum(amounts[n] for _, amounts in kinds) for n, whole in enumerate(total)]
    shown = [row for row in [*kinds, ("Everything else", rest)] if any(abs(amount) >= _LEAST for amount in row[1])]
    return [(title, [_money(amount) for amount in amounts]) for title, amounts in [*shown, ("Total", total)]]


def _money(amount: float) -> str:
    """An amount; below 1, with the fractions of a cent that a single text costs."""
    if abs(amount) < _LEAST:
        return "0"
    return f"{amount:.{2 if abs(amount) >= 1 else 4}f}"
