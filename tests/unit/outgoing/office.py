"""Actions, sender and outbox with a real database, and a Twilio that the test controls."""

from __future__ import annotations

import threading
import time
from collections.abc import Sequence
from concurrent.futures import Future
from pathlib import Path
from types import TracebackType
from typing import Self

from tests.gateway import ScriptedGateway
from tests.media import media_urls
from tests.waiting import wait_until
from twilio_binding.app.routes import routes
from twilio_binding.incoming.answers import CallAnswers
from twilio_binding.incoming.held_calls import HeldCalls
from twilio_binding.incoming.listeners import KnownListeners
from twilio_binding.media.requests import MediaRequests
from twilio_binding.metrics import Metrics
from twilio_binding.model.limits import Limits
from twilio_binding.model.things import Account, Phone, Things
from twilio_binding.model.uids import ThingUID
from twilio_binding.outgoing.build import Pace, SendStores, build_outgoing
from twilio_binding.outgoing.ports import Stored
from twilio_binding.outgoing.requests import RequestRouter
from twilio_binding.protocol.replies import Reply
from twilio_binding.protocol.requests import Request
from twilio_binding.store import Database, SqliteAnsweredChannels, SqliteOptOuts, SqliteOutbox

PHONE = "twilio:phone:a:b"
OTHER = "twilio:phone:a:c"
TO = "+15557654321"
ACCOUNT_UID = ThingUID("twilio:account:a")
THINGS = Things(
    accounts={
        ACCOUNT_UID: Account(
            uid=ACCOUNT_UID, account_sid="AC" + "1" * 32, auth_token="secret", public_url="https://my.domain.com"
        )
    },
    phones={
        uid: Phone(uid=ThingUID(uid), bridge=ACCOUNT_UID, phone_number=number)
        for uid, number in ((PHONE, "+15551234567"), (OTHER, "+15551234568"))
    },
)


class KnownThings:
    """A configuration that a test changes."""

    def __init__(self) -> None:
        self.things = THINGS

    def current(self) -> Things:
        """What is configured now."""
        return self.things


class Gate(SqliteOutbox):
    """The real outbox; while `shut` is set, requests that were found before do not continue."""

    def __init__(self, database: Database) -> None:
        super().__init__(database)
        self.shut = threading.Event()
        self.inside = threading.Semaphore(0)
        self.opened = threading.Event()

    def enter(self, request: Request, recipients: Sequence[str], *, urgent: bool = False) -> Future[Stored]:
        """Store or find a request."""
        future = super().enter(request, recipients, urgent=urgent)
        if self.shut.is_set() and not future.result(30).new:
            self.shut.clear()
            self.inside.release()
            self.opened.wait(60)
        return future


_NO_LIMITS = Limits()


class Office:
    """One process: everything from a request to Twilio. Replies are collected by request id."""

    def __init__(
        self,
        folder: Path,
        gateway: ScriptedGateway | None = None,
        *,
        look_ups: Sequence[float] = (0.01, 0.01),
        workers: int = 4,
        limits: Limits = _NO_LIMITS,
    ) -> None:
        self.database = Database(folder / "twilio-binding.db")
        self.database.start()
        self.outbox = Gate(self.database)
        self.gateway = gateway or ScriptedGateway()
        self.things = KnownThings()
        self.held = HeldCalls()
        self.metrics = Metrics()
        self.withdrawn: set[str] = set()
        outgoing = build_outgoing(
            self.things,
            self.gateway,
            SendStores(
                outbox=self.outbox,
                opt_outs=SqliteOptOuts(self.database),
                clock=time.time,
                is_withdrawn=self.withdrawn.__contains__,
            ),
            limits=limits,
            metrics=self.metrics,
            pace=Pace(places=workers, retries=(0.01,), look_ups=look_ups),
        )
        self.opt_outs = outgoing.opt_outs
        self.sends = outgoing.sends
        self.media = media_urls(self.database, self.metrics)
        listeners = KnownListeners((), SqliteAnsweredChannels(self.database))
        answers = CallAnswers(self.things, self.held, listeners, self.metrics)
        self.actions = RequestRouter(
            outgoing.sends, routes(answers, MediaRequests(self.things, self.media)), self.metrics
        )
        self.replies: list[Reply] = []
        self.resumed: list[tuple[Request, Reply]] = []

    def __enter__(self) -> Self:
        """Start."""
        self.actions.start(lambda request, reply: self.resumed.append((request, reply)))
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        """Stop."""
        self.gateway.open.set()
        self.actions.stop()
        self.media.stop()
        self.database.stop()

    def submit(self, request: Request) -> None:
        """Submit a request, and wait until it is stored, but not for the reply."""
        taken = threading.Event()
        self.actions.submit(request, self.replies.append, taken.set)
        assert taken.wait(30)

    def wait(self, number: int) -> list[Reply]:
        """The replies, when there are so many."""
        return wait_until(lambda: self.replies if len(self.replies) >= number else None, 10, f"{number} replies")

    def ask(self, request: Request) -> Reply:
        """Ask and wait for the reply."""
        return self.actions.call(request, timeout=30)


def sms(
    request_id: str = "r1", to: object = TO, message: object = "Hi", *, deadline: float = 0, thing: str = PHONE
) -> Request:
    """A request for a text message."""
    args: dict[str, object] = {"to": to, "message": message}
    return Request(thing=thing, action="sendSMS", args=args, id=request_id, deadline=deadline)
