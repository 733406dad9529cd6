"""What a page says of a request to the service."""

from __future__ import annotations

from types import SimpleNamespace
from typing import cast

import pytest
from flask import Flask, get_flashed_messages

from twilio_binding.console.pages.requests import asked
from twilio_binding.console.ports import ConsoleParts
from twilio_binding.protocol.errors import Refusal
from twilio_binding.protocol.replies import Reply
from twilio_binding.protocol.requests import Request

_DONE = "The webhooks are set."


def _carry_out(request: Request) -> Reply:
    return Reply(id=request.id, ok=True)


def _refuse(request: Request) -> Reply:
    return Reply.refused(request.id, Refusal("no", "it is not possible"))


def _take_long(request: Request) -> Reply:
    raise TimeoutError(request.id)


@pytest.mark.parametrize(
    ("service", "problem", "told"),
    [
        (_carry_out, "", [_DONE]),
        (_refuse, "it is not possible", []),
        (_take_long, "", ["Twilio has not answered yet; the service continues by itself."]),
    ],
)
def test_only_what_is_done_is_called_done(service: object, problem: str, told: list[str]) -> None:
    """A request that takes long is neither done nor refused, and nothing else is said of it."""
    app = Flask(__name__)
    app.secret_key = "x"
    parts = cast("ConsoleParts", SimpleNamespace(ask=service))
    with app.test_request_context("/", method="POST"):
        assert asked(parts, "t", "configureWebhooks", {}, done=_DONE) == problem
        assert get_flashed_messages() == told
