"""Contacts with a real database, real sends, and a Twilio that the test controls."""

from __future__ import annotations

import threading
import time
from pathlib import Path
from types import TracebackType
from typing import Self

from tests.gateway import ScriptedGateway
from tests.waiting import wait_until
from twilio_binding.clock import local_now
from twilio_binding.dsl import parse_things
from twilio_binding.metrics import Metrics
from twilio_binding.model.configuration import load_things
from twilio_binding.model.events import Event
from twilio_binding.model.limits import Limits
from twilio_binding.model.things import Things
from twilio_binding.outgoing.build import Pace, SendStores, build_outgoing
from twilio_binding.outgoing.requests import RequestRoute, RequestRouter
from twilio_binding.people.build import PeopleParts, build_people
from twilio_binding.protocol.contact import NAMES
from twilio_binding.protocol.replies import Reply
from twilio_binding.protocol.requests import Request
from twilio_binding.store import (
    Database,
    SqliteJournal,
    SqliteOptOuts,
    SqliteOutbox,
)
from twilio_binding.store.asked_back import SqliteAskedBack
from twilio_binding.store.contacts import SqliteContactSends, SqliteQuestions
from twilio_binding.store.item_commands import SqliteItemCommands

ADA, BOB, EVE = (f"twilio:contact:a:{name}" for name in ("ada", "bob", "eve"))
PHONE = "twilio:phone:a:p"
FILE = f"""
Bridge twilio:account:a [ accountSid="AC{"0" * 32}", authToken="hidden", publicUrl="https://my.domain.com" ] {{
  Thing phone p [ phoneNumber="+15551234567" ]
  Thing contact ada "Ada" [ phoneNumber="+15557654321", language="de", fallback="bob" ]
  Thing contact bob "Bob" [ phoneNumber="+15557654322", via="whatsapp", fallback="ada" ]
  Thing contact eve "Eve" [ phoneNumber="+15557654323", quietHours="00:00-23:59" ]
}}
"""


class Household:
    """One process; `now` is its clock. Eve has quiet hours all day, until `wake_eve`."""

    def __init__(self, folder: Path, gateway: ScriptedGateway | None = None, *, now: float = 1000.0) -> None:
        self.now = now
        self.gateway = gateway or ScriptedGateway()
        self.file = FILE
        self.database = Database(folder / "twilio-binding.db")
        self.database.start()
        self.journal = SqliteJournal(self.database)
        self.questions = SqliteQuestions(self.database, clock=self.clock)
        self.book = SqliteContactSends(self.database, clock=self.clock)
        outgoing = build_outgoing(
            self,
            self.gateway,
            SendStores(outbox=SqliteOutbox(self.database), opt_outs=SqliteOptOuts(self.database), clock=time.time),
            limits=Limits(),
            metrics=Metrics(),
            pace=Pace(places=2, retries=(0.01,), look_ups=(0.01,)),
        )
        self.people = build_people(
            PeopleParts(
                things=self,
                sends=self.book,
                questions=self.questions,
                outgoing=outgoing.sends,
                events=self.journal,
                clock=self.clock,
                now=local_now,
                lifetime=3600,
                commands=SqliteItemCommands(self.database, clock=self.clock),
                asked_back=SqliteAskedBack(self.database, clock=self.clock),
                language=lambda: "fr",
            )
        )
        routes = {name: RequestRoute(begin=self.people.requests.begin) for name in NAMES}
        self.router = RequestRouter(outgoing.sends, routes, Metrics())

    def current(self) -> Things:
        """The things in the file."""
        return load_things(parse_things(self.file, "f"))[0]

    def clock(self) -> float:
        """The clock."""
        return self.now

    def __enter__(self) -> Self:
        """Start."""
        self.router.start(lambda _request, _reply: None)
        self.people.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        """Stop."""
        self.gateway.open.set()
        self.people.stop(time.monotonic() + 5)
        self.router.stop()
        self.database.stop()

    def ask(self, thing: str, action: str, request_id: str = "r1", **args: object) -> Reply:
        """Carry an action out and wait for its reply."""
        return self.router.call(Request(thing=thing, action=action, args=dict(args), id=request_id), timeout=30)

    def submit(self, thing: str, action: str, request_id: str, **args: object) -> None:
        """Carry out an action, and wait until it is stored."""
        taken = threading.Event()
        request = Request(thing=thing, action=action, args=dict(args), id=request_id)
        self.router.submit(request, lambda _: None, taken.set)
        assert taken.wait(30)

    def wake_eve(self) -> None:
        """End Eve's quiet hours."""
        self.file = FILE.replace(', quietHours="00:00-23:59"', "")
        self.people.review()

    @property
    def sent(self) -> list[tuple[str, str]]:
        """Recipient and text of all requests to Twilio."""
        return [
            (asked.to, getattr(asked.send, "body", "") or getattr(asked.send, "twiml", ""))
            for asked in self.gateway.asked
        ]

    def wait_for(self, number: int) -> list[tuple[str, str]]:
        """What was sent, when there are so many sends."""
        return wait_until(lambda: self.sent if len(self.sent) >= number else None, 10, f"{number} sends")

    def events(self, thing: str) -> list[Event]:
        """The events of a thing, in order."""
        pending = self.journal.pending("openhab", urgent=False, limit=1000)
        return [delivery.event for delivery in pending if delivery.event.thing == thing]

    def states(self, thing: str, channel: str) -> list[str]:
        """The states of a channel, in order."""
        return [state for event in self.events(thing) for name, state in event.states if name == channel]
