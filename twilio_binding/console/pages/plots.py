"""Plots of the last 24 hours and 30 days, as pictures; a table below each has the same figures."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from flask import Flask, Response, abort

from twilio_binding.console.ports import ConsoleParts
from twilio_binding.history.figures import Figures, FiguresByTime

_KEPT = 60.0
"""Seconds for which a plot is cached."""
_BLUE, _TEAL, _RED, _GREY = "#3b82f6", "#0d9488", "#dc2626", "#8a93a3"
_WIDTH, _HEIGHT = 360, 200
_PYGAL_CSS = ("file://style.css", "file://graph.css")
_CSS = """inline:
{{ id }} text { fill: #1b1f27 !important; font-family: system-ui, sans-serif !important }
{{ id }} .axis .line { stroke: #8a93a3 !important }
@media (prefers-color-scheme: dark) { {{ id }} text { fill: #e8eaee !important } }
"""
_HEADERS = {
    "Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'; sandbox",
    "Cache-Control": "private, max-age=60",
}

Values = Callable[[Figures], float | None]


@dataclass(frozen=True, slots=True)
class Series:
    """A plotted series: name, color and values."""

    name: str
    colour: str
    value: Values


SERIES: dict[str, tuple[Series, ...]] = {
    "texts": (
        Series("received", _BLUE, lambda one: one.of("texts_in")),
        Series("sent", _TEAL, lambda one: one.of("texts_out")),
        Series("failed", _RED, lambda one: one.of("failed")),
    ),
    "calls": (
        Series("received", _BLUE, lambda one: one.of("calls_in")),
        Series("made", _TEAL, lambda one: one.of("calls_out")),
    ),
    "answers": (Series("seconds to answer", _BLUE, lambda one: one.answer_seconds or None),),
}
SPANS = ("day", "month")


def add(app: Flask, parts: ConsoleParts) -> None:
    """Add the addresses of the plots."""
    lock = threading.Lock()
    kept: dict[tuple[str, str], tuple[float, bytes]] = {}

    @app.get("/plots/<what>-<span>.svg")
    def plot(what: str, span: str) -> Response:
        if what not in SERIES or span not in SPANS:
            abort(404)
        with lock:
            at, picture = kept.get((what, span), (-_KEPT, b""))
            if not picture or time.monotonic() - at > _KEPT:
                picture = _drawn(what, span, read(parts.history.figures, span))
                kept[what, span] = (time.monotonic(), picture)
        return Response(picture, content_type="image/svg+xml", headers=_HEADERS)


def read(figures: FiguresByTime, span: str) -> Sequence[Figures]:
    """The figures of a span."""
    return figures.hours(24) if span == "day" else figures.days(30)


def label(one: Figures, span: str) -> str:
    """The label of an hour or a day."""
    return f"{one.begin:%H}:00" if span == "day" else f"{one.begin.day} {one.begin:%b}"


def _drawn(what: str, span: str, figures: Sequence[Figures]) -> bytes:
    import pygal

    series = SERIES[what]
    chart = (pygal.Line if what == "answers" else pygal.Bar)(
        width=_WIDTH,
        height=_HEIGHT,
        style=_style(series),
        css=[*_PYGAL_CSS, _CSS],
        js=[],
        legend_at_bottom=True,
        legend_at_bottom_columns=len(series),
        show_minor_x_labels=False,
        truncate_legend=-1,
        truncate_label=-1,
        legend_box_size=10,
        margin=4,
        margin_right=22,
        max_scale=6,
        no_data_text="no calls",
        range=(0, max(1 if what == "answers" else 5, *(one.value(each) or 0 for one in series for each in figures))),
    )
    labels = [label(one, span) for one in figures]
    chart.x_labels = labels
    chart.x_labels_major = labels[:: -6 if span == "day" else -7]
    for one in series:
        chart.add(one.name, [one.value(each) for each in figures], dots_size=2)
    chart.add_xml_filter(_without_scripts)
    picture: bytes = chart.render()
    return picture


def _style(series: Sequence[Series]) -> Any:  # noqa: ANN401 - pygal has no types
    from pygal.style import Style

    return Style(
        background="transparent",
        plot_background="transparent",
        colors=tuple(one.colour for one in series),
        label_font_size=12,
        major_label_font_size=12,
        legend_font_size=12,
        no_data_font_size=14,
        guide_stroke_color=_GREY,
        major_guide_stroke_color=_GREY,
        guide_stroke_dasharray="1,4",
        major_guide_stroke_dasharray="1,4",
    )


def _without_scripts(root: Any) -> Any:  # noqa: ANN401 - an element tree of pygal's
    for parent in list(root.iter()):
        for child in list(parent):
            if child.tag == "script":
                parent.remove(child)
    return root
