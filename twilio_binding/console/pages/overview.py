"""The first page: what is connected, which things there are, and how much happened today."""

from __future__ import annotations

from flask import Flask, render_template

from twilio_binding.console.ports import ConsoleParts


def add(app: Flask, parts: ConsoleParts) -> None:
    """Add the page."""

    @app.get("/")
    def overview() -> str:
        dependencies = parts.dependencies()
        down = [name for name, entry in dependencies.items() if not entry["up"]]
        return render_template(
            "overview.html",
            dependencies=dependencies,
            down=down,
            things=parts.described(),
            today=parts.history.figures.today(),
        )
