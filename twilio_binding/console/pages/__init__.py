"""The pages for people: what is connected, who wrote and called, what failed and why.

A page is a thin view: it reads through `console.ports` and renders a template. Decisions belong to use cases.
"""

from twilio_binding.console.pages.application import create_app

__all__ = ["create_app"]
