"""The webhook side with its real parts, behind a real socket, and a Twilio that signs its requests."""

from __future__ import annotations

import http.client
import json
import threading
import time
from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from types import TracebackType
from typing import Self
from urllib.parse import quote, urlencode

from werkzeug.serving import WSGIRequestHandler, make_server

from tests.contract.signing import Pairs, sign
from tests.gateway import ScriptedGateway
from tests.media import media_urls
from twilio_binding import webhooks as webhook
from twilio_binding.accounts.configured_things import ConfiguredThings
from twilio_binding.app.routes import routes
from twilio_binding.dsl import ThingsFiles
from twilio_binding.incoming.build import IncomingParts, build_incoming
from twilio_binding.incoming.held_calls import HeldCall, HeldCalls
from twilio_binding.incoming.listeners import KnownListeners
from twilio_binding.incoming.offers import Offers
from twilio_binding.incoming.rates import IncomingRates
from twilio_binding.media.requests import MediaRequests
from twilio_binding.media.urls import MediaURLs
from twilio_binding.metrics import Metrics
from twilio_binding.model.events import Event
from twilio_binding.model.limits import Limits
from twilio_binding.outgoing.build import SendStores, build_outgoing
from twilio_binding.outgoing.requests import RequestRouter
from twilio_binding.protocol.replies import Reply
from twilio_binding.protocol.requests import Request
from twilio_binding.store import Database, SqliteAnsweredChannels, SqliteJournal, SqliteOptOuts, SqliteOutbox

ACCOUNT_SID = "AC" + "0" * 31 + "1"
TOKEN = "the-primary-token"
PUBLIC_URL = "https://my.domain.com"
PHONE = "twilio:phone:a:b"
NOW = datetime(2026, 11, 24, 8, 30, 15, 123456, tzinfo=UTC)
LIFETIME = 3600.0
THINGS = f"""
Bridge twilio:account:a "Twilio Account" [ accountSid="{ACCOUNT_SID}", authToken="{TOKEN}", publicUrl="{PUBLIC_URL}/" ] {{
    Thing phone b "My Twilio Number" [ phoneNumber="+15551234567" ]
}}
"""


@dataclass(frozen=True, slots=True)
class Answer:
    """An answer."""

    status: int
    headers: Mapping[str, str]
    body: bytes

    @property
    def text(self) -> str:
        """The body as text."""
        return self.body.decode()


class _Quiet(WSGIRequestHandler):
    def log_request(self, code: int | str = "-", size: int | str = "-") -> None:
        """Say nothing."""


class _Way(threading.BoundedSemaphore):
    """So many messages at a time; calls have another way."""

    def first(self) -> AbstractContextManager[None]:
        """A call."""
        return nullcontext()


class _Watched(HeldCalls):
    """Held calls that report when a request, or a copy of one, has reached them."""

    def __init__(self, *, limit: int) -> None:
        super().__init__(limit=limit)
        self.seen: list[str] = []

    def hold(
        self,
        *,
        thing: str,
        call_sid: str,
        key: str,
        lasting: bool,
        seconds: float,
        is_heard: Callable[[], bool] = lambda: True,
    ) -> tuple[HeldCall | None, bool]:
        held = super().hold(
            thing=thing, call_sid=call_sid, key=key, lasting=lasting, seconds=seconds, is_heard=is_heard
        )
        self.seen.append(key)
        return held


MediaMaker = Callable[[Database, Metrics], MediaURLs]


class House:
    """Everything behind webhooks. `listening` are the channels that a rule listens to."""

    def __init__(
        self,
        folder: Path,
        things: str = THINGS,
        *,
        most_held: int = 50,
        media: MediaMaker = media_urls,
        rates: tuple[int, int] = (0, 0),
    ) -> None:
        self.file = folder / "twilio.things"
        self.file.write_text(things, encoding="utf-8")
        self.database = Database(folder / "twilio-binding.db")
        self.database.start()
        self.journal = SqliteJournal(self.database)
        self.held = _Watched(limit=most_held)
        self.metrics = Metrics()
        self.now = 0.0
        self.rates = IncomingRates(
            per_sender=rates[0], per_number=rates[1], metrics=self.metrics, clock=lambda: self.now
        )
        self.things = ConfiguredThings()
        self._files = ThingsFiles([str(self.file)], on_change=self.things.take_over)
        self.things.read_from(self._files)
        self._files.load()
        self.listening: set[str] = set()
        self.answered = SqliteAnsweredChannels(self.database)
        self.listeners = KnownListeners((lambda channel: channel in self.listening,), self.answered)
        outgoing = build_outgoing(
            self.things,
            ScriptedGateway(),
            SendStores(
                outbox=SqliteOutbox(self.database),
                opt_outs=SqliteOptOuts(self.database),
                clock=time.time,
            ),
            limits=Limits(),
            metrics=self.metrics,
        )
        self.opt_outs = outgoing.opt_outs
        self.media = media(self.database, self.metrics)
        self.offers = Offers()
        self.incoming = build_incoming(
            IncomingParts(
                things=self.things,
                journal=self.journal,
                held=self.held,
                listeners=self.listeners,
                rates=self.rates,
                opt_outs=self.opt_outs,
                metrics=self.metrics,
                now=lambda: NOW,
                lifetime=LIFETIME,
                offers=self.offers,
            )
        )
        self.actions = RequestRouter(
            outgoing.sends, routes(self.incoming.answers, MediaRequests(self.things, self.media)), self.metrics
        )
        self._server = make_server(
            "127.0.0.1", 0, webhook.create_app(self._flows()), threaded=True, request_handler=_Quiet
        )
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.01,), name="house")

    def __enter__(self) -> Self:
        """Start serving."""
        self._thread.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        """Release every call, and stop."""
        self.held.close()
        self._server.shutdown()
        self._server.server_close()
        self._thread.join(30)
        self.media.stop()
        self.database.stop()

    def ask(self, method: str, target: str, body: bytes = b"", headers: Mapping[str, str] | None = None) -> Answer:
        """Send a request as it is; `target` stays unchanged."""
        connection = http.client.HTTPConnection("127.0.0.1", self._server.server_port, timeout=20)
        try:
            connection.putrequest(method, target)
            for name, value in (headers or {}).items():
                connection.putheader(name, value.encode("latin-1", "replace"))
            connection.putheader("Content-Length", str(len(body)))
            connection.endheaders(body)
            response = connection.getresponse()
            return Answer(response.status, dict(response.headers.items()), response.read())
        finally:
            connection.close()

    def post(
        self,
        endpoint: str,
        pairs: Pairs | Mapping[str, str] = (),
        *,
        thing: str = PHONE,
        query: str = "",
        idempotency: str = "",
        headers: Mapping[str, str] | None = None,
        signed_url: str | None = None,
        secret: str = TOKEN,
        signature: str | None = None,
    ) -> Answer:
        """Post a form as Twilio does; by default it is signed over the public URL."""
        form = list(pairs.items()) if isinstance(pairs, Mapping) else list(pairs)
        target = f"/twilio/callback/{quote(thing, safe=':/')}/{endpoint}{query}"
        url = PUBLIC_URL + target if signed_url is None else signed_url
        all_headers = {
            "Content-Type": "application/x-www-form-urlencoded",
            "X-Twilio-Signature": sign(secret, url, form) if signature is None else signature,
        }
        if idempotency:
            all_headers["I-Twilio-Idempotency-Token"] = idempotency
        return self.ask("POST", target, urlencode(form).encode(), all_headers | dict(headers or {}))

    def events(self) -> list[Event]:
        """All events that wait for openHAB, urgent ones first, each in order."""
        return [
            delivery.event
            for urgent in (True, False)
            for delivery in self.journal.pending("openhab", urgent=urgent, limit=1000)
        ]

    def payload(self) -> dict[str, object]:
        """The payload of the only event."""
        (event,) = self.events()
        decoded = json.loads(event.payload)
        assert isinstance(decoded, dict)
        return decoded

    def respond(self, call_sid: str, twiml: str, *, thing: str = PHONE, request_id: str = "") -> Reply:
        """Send what a rule would: respondWithTwiml."""
        request = Request(
            thing=thing, action="respondWithTwiml", args={"callSid": call_sid, "twiml": twiml}, id=request_id
        )
        replies: list[Reply] = []
        self.actions.submit(request, replies.append)
        (reply,) = replies
        return reply

    def _flows(self) -> webhook.UseCases:
        return webhook.UseCases(
            things=self.things,
            messages=self.incoming.messages,
            calls=self.incoming.calls,
            statuses=self.incoming.statuses,
            media=self.media,
            metrics=self.metrics,
            way=_Way(16),
        )
