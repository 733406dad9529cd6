"""What the pages show and do, as the composition offers it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from twilio_binding.history.calls import Calls
from twilio_binding.history.conversations import Conversations
from twilio_binding.history.figures import FiguresByTime
from twilio_binding.model.content_types import Media
from twilio_binding.model.things import ThingsSource
from twilio_binding.protocol.replies import Reply
from twilio_binding.protocol.requests import Request

Dependencies = dict[str, dict[str, object]]
Described = Sequence[Mapping[str, object]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Entrance:
    """Who may come in: `token` is "" where everybody may who reaches the listener.

    `hosts` are the names under which the pages are served, besides addresses and names without a dot; `secret` signs cookies.
    """

    token: str = field(default="", repr=False)
    hosts: frozenset[str] = frozenset()
    secret: bytes = field(repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class ConsoleParts:
    """Everything that the pages read and do.

    `dependencies` tells of each whether it is `up`, and else the `reason`; `described` are all things with their status.
    `name_of` gives the label of whoever has a number, as a phone knows them, "" for a stranger. `ask` carries out a
    request and waits for its reply: `TimeoutError` when that takes too long. `replay` lets an event happen once more, and
    returns its new id, None where it is not kept. `picture` fetches what a phone was sent, or raises `TwilioBindingError`.
    """

    entrance: Entrance
    dependencies: Callable[[], Dependencies]
    things: ThingsSource
    described: Callable[[], Described]
    figures: FiguresByTime
    conversations: Conversations
    calls: Calls
    name_of: Callable[[str, str], str]
    ask: Callable[[Request], Reply]
    replay: Callable[[int], int | None]
    picture: Callable[[str, str], Media]
