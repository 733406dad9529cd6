"""A load client of raw connections: `python -m lab.bench.client` with a plan as JSON on standard input."""

from __future__ import annotations

import asyncio
import base64
import hashlib
import hmac
import json
import sys
import time
from dataclasses import asdict, dataclass, field
from http import HTTPStatus
from itertools import chain, count
from typing import Any
from urllib.parse import quote_plus, urlsplit

HEAD = (
    "POST {path} HTTP/1.1\r\nHost: {host}\r\nUser-Agent: TwilioProxy/1.1\r\nX-Twilio-Signature: {signature}\r\n"
    "Content-Type: application/x-www-form-urlencoded; charset=UTF-8\r\nContent-Length: {length}\r\n\r\n"
)
PLACES = {"FromCountry": "US", "ToCountry": "US", "ApiVersion": "2010-04-01"}


class Requests:
    """Signed requests with SIDs that no other run uses."""

    def __init__(self, plan: dict[str, Any]) -> None:
        self._plan = plan
        self._host = urlsplit(plan["url"]).netloc
        self._run = f"{time.time_ns():016x}"
        self._ids = count()

    def text(self) -> tuple[bytes, str]:
        """A text, and its body."""
        n = next(self._ids)
        sid, body = f"SM{self._run}{n:016x}", f"{self._plan['mark']} {n}"
        form = {"MessageSid": sid, "SmsSid": sid, "Body": body, "NumMedia": "0", "NumSegments": "1"}
        return self._signed("sms", form | {"SmsStatus": "received"}), body

    def call(self) -> tuple[bytes, str]:
        """A call, and its SID."""
        sid = f"CA{self._run}{next(self._ids):016x}"
        form = {"CallSid": sid, "CallStatus": "ringing", "Direction": "inbound", "Caller": "+15559876543"}
        return self._signed("voice", form), sid

    def _signed(self, endpoint: str, more: dict[str, str]) -> bytes:
        plan = self._plan
        form = more | PLACES | {"AccountSid": plan["account"], "From": "+15559876543", "To": "+15551234567"}
        body = "&".join(f"{quote_plus(name)}={quote_plus(value)}" for name, value in form.items()).encode()
        text = f"{plan['base']}/{endpoint}" + "".join(name + form[name] for name in sorted(form))
        signature = base64.b64encode(hmac.new(plan["token"].encode(), text.encode(), hashlib.sha1).digest()).decode()
        path = urlsplit(f"{plan['base']}/{endpoint}").path
        head = HEAD.format(path=path, host=self._host, signature=signature, length=len(body))
        return head.encode() + body


class Connection(asyncio.Protocol):
    """A kept connection with one request at a time."""

    def __init__(self) -> None:
        self._buffer = b""
        self._answer: asyncio.Future[tuple[int, bytes]] | None = None
        self._transport: asyncio.WriteTransport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Store the transport of the new connection."""
        self._transport = transport  # type: ignore[assignment]

    def data_received(self, data: bytes) -> None:
        """Add received bytes, and complete answers."""
        self._buffer += data
        head, blank, body = self._buffer.partition(b"\r\n\r\n")
        if not blank:
            return
        length = int(head.lower().partition(b"content-length:")[2].split(b"\r\n", 1)[0])
        if len(body) >= length and self._answer is not None:
            self._buffer = body[length:]
            self._answer.set_result((int(head[9:12]), body[:length]))

    def connection_lost(self, exc: Exception | None) -> None:
        """Fail all requests that wait for an answer."""
        if self._answer is not None and not self._answer.done():
            self._answer.set_exception(ConnectionError(str(exc)))

    async def ask(self, request: bytes) -> tuple[int, bytes]:
        """Send a request; returns status and body of its answer."""
        assert self._transport is not None
        self._answer = asyncio.get_running_loop().create_future()
        self._transport.write(request)
        return await self._answer


@dataclass(slots=True)
class Tally:
    """The results: milliseconds, statuses, accepted marks, and for calls the answers with their times."""

    times: list[float] = field(default_factory=list)
    statuses: dict[int, int] = field(default_factory=dict)
    marks: list[str] = field(default_factory=list)
    answers: dict[str, tuple[str, float]] = field(default_factory=dict)

    def note(self, mark: str, started: float, status: int, answer: str | None) -> None:
        """Note that a request was answered just now; `answer` is the answer to a call."""
        ended = time.monotonic()
        self.times.append((ended - started) * 1000)
        self.statuses[status] = self.statuses.get(status, 0) + 1
        if status == HTTPStatus.OK:
            self.marks.append(mark)
        if answer is not None:
            self.answers[mark] = (answer, ended)


async def run(plan: dict[str, Any]) -> dict[str, Any]:
    """Carry out a plan: `kind` text or call, `connections`, and `seconds` or `number`, over `spread` seconds."""
    requests = Requests(plan)
    make = requests.text if plan["kind"] == "text" else requests.call
    url = urlsplit(plan["url"])
    loop = asyncio.get_running_loop()
    connections = [
        (await loop.create_connection(Connection, url.hostname, url.port))[1] for _ in range(plan["connections"])
    ]
    tally = Tally()
    # Signed before the measurement begins, so that the client's own work does not count.
    ahead = [make() for _ in range(plan.get("number") or int(plan["seconds"] * 3500))]
    jobs = iter(ahead) if plan.get("number") else chain(ahead, (make() for _ in count()))
    until = time.monotonic() + plan.get("seconds", 1e9)
    pause = plan.get("spread", 0) / len(connections)

    async def work(connection: Connection, n: int) -> None:
        await asyncio.sleep(n * pause)
        for request, mark in jobs:
            started = time.monotonic()
            if started > until:
                return
            status, body = await connection.ask(request)
            tally.note(mark, started, status, body.decode() if plan["kind"] == "call" else None)

    began = time.monotonic()
    await asyncio.gather(*(work(connection, n) for n, connection in enumerate(connections)))
    return {"seconds": time.monotonic() - began, **asdict(tally)}


if __name__ == "__main__":
    json.dump(asyncio.run(run(json.load(sys.stdin))), sys.stdout)
