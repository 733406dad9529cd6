"""The pages for people: what is connected, who wrote and called, what failed and why.

A page is a thin view: it reads through `console.ports` and renders a template. What decides anything is a use case.
"""

from twilio_binding.console.pages.application import create_app

__all__ = ["create_app"]
