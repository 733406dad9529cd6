"""The first page: active alarms, dependencies, things, and figures."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from flask import Flask, render_template

from twilio_binding.clock import local_now
from twilio_binding.console.pages import plots
from twilio_binding.console.ports import ConsoleParts
from twilio_binding.history.figures import Figures

_BAD = ("skipped", "ok", "warning", "failed")
_TITLES = {"texts": "Texts", "calls": "Calls", "answers": "Time until a caller is answered"}
_SPANS = {"day": "Last 24 hours", "month": "Last 30 days"}


def add(app: Flask, parts: ConsoleParts) -> None:
    """Add the page."""

    @app.get("/")
    def overview() -> str:
        dependencies, examined = parts.dependencies(), parts.doctor.last()
        return render_template(
            "overview.html",
            dependencies=dependencies,
            down=[name for name, entry in dependencies.items() if not entry["up"]],
            things=parts.described(),
            accounts=parts.things.current().accounts,
            today=parts.history.figures.today(),
            active=[alarm for alarm in parts.alarms.overview() if alarm.state != "idle"],
            examined=examined,
            links=_links(examined[1]) if examined else {},
            spans=[_span(parts, span, title) for span, title in _SPANS.items()],
            minute=f"{local_now():%H%M}",
        )


def _links(found: Sequence[Mapping[str, Any]]) -> dict[str, str]:
    """The worst result of each link."""
    worst: dict[str, str] = {}
    for one in found:
        known = worst.setdefault(one["title"], one["status"])
        worst[one["title"]] = max(known, one["status"], key=_BAD.index)
    return worst


def _span(parts: ConsoleParts, span: str, title: str) -> dict[str, object]:
    """A time span with its plots, and the table with the same figures."""
    figures = plots.read(parts.history.figures, span)
    return {
        "name": span,
        "title": title,
        "plots": [{"name": name, "title": _TITLES[name], "summary": _summary(name, figures)} for name in plots.SERIES],
        "columns": [f"{_TITLES[name]}: {one.name}" for name, series in plots.SERIES.items() for one in series],
        "rows": [
            (plots.label(each, span), [one.value(each) for series in plots.SERIES.values() for one in series])
            for each in reversed(figures)
        ],
    }


def _summary(name: str, figures: Sequence[Figures]) -> str:
    if name == "answers":
        slowest = max(one.answer_seconds for one in figures)
        return f"at most {slowest:.1f} s on average" if slowest else "no caller was answered"
    return ", ".join(f"{sum(one.value(each) or 0 for each in figures):.0f} {one.name}" for one in plots.SERIES[name])
