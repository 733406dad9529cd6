"""The connections for runs of the relay rule and calls of the script: kept, and replaced when openHAB has ended them."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from tests.waiting import wait_until
from twilio_binding.errors import DependencyDownError
from twilio_binding.openhab.http import OpenHABRequests
from twilio_binding.openhab.rest import RestClient
from twilio_binding.protocol.signing import HEADER
from twilio_binding.settings import OpenHABSettings


class Jetty(ThreadingHTTPServer):
    """Answers each post with its path and body; notes the clients' ports, and ends connections as it is told."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.ports: list[int] = []
        self.bodies: list[bytes] = []
        self.ended: list[int] = []
        self.ends_after_answer = False
        self.says_it = False
        self.is_cut = False
        self.is_held = threading.Event()
        self.is_held.set()

    def shutdown_request(self, request: object) -> None:
        """Note that a connection was ended."""
        port = request.getpeername()[1]  # type: ignore[attr-defined]
        super().shutdown_request(request)  # type: ignore[arg-type]
        self.ended.append(port)


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: Jetty

    def do_POST(self) -> None:
        self.server.ports.append(self.client_address[1])
        self.server.is_held.wait(20)
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.server.bodies.append(body)
        if self.server.is_cut:
            self.close_connection = True
            return
        answer = self.path.encode() + b" " + body
        self.send_response(200)
        self.send_header(HEADER, f"{self.headers[HEADER]} answered")
        self.send_header("Content-Length", str(len(answer)))
        if self.server.says_it:
            self.send_header("Connection", "close")
        self.end_headers()
        self.wfile.write(answer)
        self.close_connection = self.server.ends_after_answer or self.server.says_it

    def log_message(self, *_: object) -> None:
        """Log nothing."""


@pytest.fixture
def jetty() -> Iterator[Jetty]:
    """A running server."""
    with Jetty() as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        yield server
        server.shutdown()
        thread.join()


@pytest.fixture
def requests(jetty: Jetty) -> Iterator[OpenHABRequests]:
    """The service's client, for an openHAB below a path."""
    made = OpenHABRequests(OpenHABSettings(url=f"http://127.0.0.1:{jetty.server_port}/home/"))
    yield made
    made.close()


def _call(requests: OpenHABRequests, body: bytes = b"{}") -> tuple[int, bytes, str]:
    return requests.call_script("/twilio/bridge/events", body, {HEADER: "signed"})


def test_calls_share_a_connection(jetty: Jetty, requests: OpenHABRequests) -> None:
    """Calls one after the other use one connection, and each gets its own answer."""
    for body in (b"1", "ü".encode(), b"x" * 300_000):
        assert _call(requests, body) == (200, b"/home/twilio/bridge/events " + body, "signed answered")
    assert len(set(jetty.ports)) == 1


def test_runs_of_a_rule_share_a_connection(jetty: Jetty, requests: OpenHABRequests) -> None:
    """So do runs of a rule, and openHAB gets each input as it is; half a character becomes a question mark."""
    rest = RestClient(requests)
    for text in ("1", "ü\n2", "\ud83d"):
        rest.run_rule("twilio-relay", text)
    assert jetty.bodies == [b'{"input": "1"}', '{"input": "ü\\n2"}'.encode(), b'{"input": "?"}']
    assert len(set(jetty.ports)) == 1


def test_calls_at_the_same_time_have_their_own(jetty: Jetty, requests: OpenHABRequests) -> None:
    """A call does not wait for another one; later, both connections are used again."""
    jetty.is_held.clear()
    answers: list[bytes] = []
    threads = [threading.Thread(target=lambda n=n: answers.append(_call(requests, n)[1])) for n in (b"1", b"2")]
    for thread in threads:
        thread.start()
    wait_until(lambda: len(jetty.ports) == 2)
    jetty.is_held.set()
    for thread in threads:
        thread.join()
    assert {answer[-1:] for answer in answers} == {b"1", b"2"}
    assert len(set(jetty.ports)) == 2
    _call(requests)
    assert jetty.ports[2] in jetty.ports[:2]


@pytest.mark.parametrize("says_it", [True, False])
def test_a_connection_that_openhab_ended_is_replaced(jetty: Jetty, requests: OpenHABRequests, *, says_it: bool) -> None:
    """The next call succeeds on a new connection, whether openHAB announced the end or not."""
    jetty.says_it, jetty.ends_after_answer = says_it, not says_it
    for _ in range(3):
        assert _call(requests)[0] == 200
        wait_until(lambda: jetty.ended == jetty.ports)
    assert len(set(jetty.ports)) == 3


def test_an_answer_that_does_not_come_is_no_answer(jetty: Jetty, requests: OpenHABRequests) -> None:
    """If openHAB ends the connection instead of answering, the call fails once, and the next one succeeds."""
    jetty.is_cut = True
    with pytest.raises(DependencyDownError, match="the connection was closed"):
        _call(requests)
    assert len(jetty.ports) == 1, "the same request goes out once"
    jetty.is_cut = False
    assert _call(requests)[0] == 200


def test_a_path_with_a_line_break_is_never_sent(jetty: Jetty, requests: OpenHABRequests) -> None:
    """The path comes from the broker; it cannot add headers or requests."""
    with pytest.raises(DependencyDownError):
        requests.call_script("/twilio/bridge HTTP/1.1\r\nX: y\r\n\r\n", b"", {})
    assert jetty.ports == []


def test_nobody_listens() -> None:
    """The reason is told as for all requests."""
    with Jetty() as gone:
        url = f"http://127.0.0.1:{gone.server_port}"
    requests = OpenHABRequests(OpenHABSettings(url=url))
    with pytest.raises(DependencyDownError, match="connection refused: no program listens at this port"):
        _call(requests)
