"""Stand-ins for dependencies: Twilio as a process, and a server that it calls."""

from __future__ import annotations

import threading
from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

from lab.standins.client import TwilioStandIn
from tests.waiting import wait_until
from twilio_binding.sandbox.twilio import TwilioOptions

PUBLIC_URL = "https://my.domain.com"
TOKEN = "your_auth_token"


@contextmanager
def twilio_standin(**options: Any) -> Iterator[TwilioStandIn]:
    """A Twilio in a child process, with `twilio.TwilioOptions`."""
    with TwilioStandIn(TwilioOptions(**options)) as standin:
        yield standin


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """One received request."""

    method: str
    target: str
    headers: dict[str, str]
    form: dict[str, list[str]]

    @property
    def fields(self) -> dict[str, str]:
        """The form, if no name is repeated."""
        return {name: values[-1] for name, values in self.form.items()}


@dataclass(slots=True, kw_only=True)
class Answer:
    """An answer, sent when `when` is set. Without a status the connection is closed instead."""

    body: str | bytes = "<Response/>"
    status: int = 200
    content_type: str | None = "text/xml"
    when: threading.Event | None = None


@dataclass(slots=True)
class Receiver:
    """An HTTP server in place of the service: answers by path, and remembers the requests."""

    url: str
    asked: list[Asked] = field(default_factory=list)
    answers: dict[str, list[Answer]] = field(default_factory=lambda: defaultdict(list))

    def answer(self, path: str, *answers: str | Answer) -> None:
        """Answer requests to a path with these in turn, then repeatedly with the last one."""
        self.answers[path] = [answer if isinstance(answer, Answer) else Answer(body=answer) for answer in answers]

    def next_answer(self, path: str) -> Answer:
        """The next answer."""
        left = self.answers[path]
        return (left.pop(0) if len(left) > 1 else left[0]) if left else Answer()

    def at(self, path: str) -> list[Asked]:
        """The requests to a path, without their queries."""
        return [asked for asked in tuple(self.asked) if urlsplit(asked.target).path == path]

    def wait(self, path: str, count: int = 1) -> list[Asked]:
        """Wait for so many requests to a path."""
        return wait_until(lambda: found if len(found := self.at(path)) >= count else None, 20, f"{count} at {path}")


@contextmanager
def receiver() -> Iterator[Receiver]:
    """A running `Receiver` during the block."""

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length", 0))).decode()
            parts = urlsplit(self.path)
            form = parse_qs(body if self.command == "POST" else parts.query, keep_blank_values=True)
            headers = {name.lower(): value for name, value in self.headers.items()}
            here.asked.append(Asked(method=self.command, target=self.path, headers=headers, form=form))
            answer = here.next_answer(parts.path)
            if answer.when is not None:
                answer.when.wait(120)
            if answer.status:
                self._send(answer)

        do_GET = do_POST  # noqa: N815 - the name that http.server looks for

        def _send(self, answer: Answer) -> None:
            content = answer.body.encode() if isinstance(answer.body, str) else answer.body
            self.send_response(answer.status)
            if answer.content_type is not None:
                self.send_header("Content-Type", answer.content_type)
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, *_: object) -> None:
            pass

    class Server(ThreadingHTTPServer):
        daemon_threads = False
        request_queue_size = 128

    server = Server(("127.0.0.1", 0), Handler)
    here = Receiver(f"http://127.0.0.1:{server.server_address[1]}")
    thread = threading.Thread(target=server.serve_forever, args=(0.02,), name="receiver")
    thread.start()
    try:
        yield here
    finally:
        for answers in tuple(here.answers.values()):
            for answer in answers:
                if answer.when is not None:
                    answer.when.set()
        server.shutdown()
        thread.join()
        server.server_close()
