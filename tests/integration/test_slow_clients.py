"""Slow clients, against the real server in its own process."""

from __future__ import annotations

import select
import socket
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, suppress

import pytest

from lab.processes import processor_time
from tests.integration.server_process import serving
from tests.waiting import limit, wait_until


@pytest.fixture(scope="module")
def address() -> Iterator[tuple[str, int]]:
    """A server that gives requests half a second to arrive."""
    with serving() as (_, address):
        yield address


def _answer(connection: socket.socket) -> bytes:
    """Everything until the server closes the connection or the answer is complete."""
    data = b""
    while not data.endswith(b" bytes"):
        piece = connection.recv(4096)
        if not piece:
            break
        data += piece
    return data


@pytest.mark.parametrize(
    ("head", "drop"),
    [
        (b"", b"POST / HTTP/1.1\r\n"),
        (b"POST / HTTP/1.1\r\n", b"X-Header: 1\r\n"),
        (b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 100000\r\n\r\n", b"xx"),
        (b"POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n", b"2\r\nxx\r\n"),
    ],
    ids=["request line", "headers", "body", "chunks"],
)
def test_drop_by_drop(address: tuple[str, int], head: bytes, drop: bytes) -> None:
    """A client that sends drop by drop is cut off soon, although it is never silent for long."""
    with socket.create_connection(address, timeout=30) as connection:
        connection.sendall(head)
        started = time.monotonic()
        connection.settimeout(0.02)
        cut = False
        position = 0
        while not cut and time.monotonic() - started < 5:
            try:
                connection.sendall(drop if head else drop[position : position + 1] or b"x")
                position += 1
                cut = not connection.recv(4096)
            except TimeoutError:
                continue
            except OSError:
                cut = True
        assert cut
        assert time.monotonic() - started < limit(4)


def test_held_request(address: tuple[str, int]) -> None:
    """A complete request may take longer to handle than one may take to arrive, with and without a body."""
    for request in (
        b"POST / HTTP/1.1\r\nHost: x\r\nX-Hold: 0.8\r\nContent-Length: 3\r\n\r\nabc",
        b"GET / HTTP/1.1\r\nHost: x\r\nX-Hold: 0.8\r\n\r\n",
        b"POST / HTTP/1.1\r\nHost: x\r\nX-Hold: 0.8\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n",
    ):
        with socket.create_connection(address, timeout=30) as connection:
            connection.sendall(request)
            assert _answer(connection).startswith(b"HTTP/1.1 200 OK")


def test_idle_between_requests(address: tuple[str, int]) -> None:
    """A kept connection may be idle between requests; each request has its own time limit."""
    with socket.create_connection(address, timeout=30) as connection:
        for _ in range(3):
            connection.sendall(b"POST / HTTP/1.1\r\nHost: x\r\nX-Hold: 0.3\r\nContent-Length: 3\r\n\r\nabc")
            assert _answer(connection).endswith(b"3 bytes")


def test_time_to_arrive_is_of_each_request() -> None:
    """Requests on a kept connection that each arrive in time are all answered, however long they take together."""
    with serving(sending=2) as (_, address), socket.create_connection(address, timeout=30) as connection:
        for _ in range(6):
            connection.sendall(b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 3\r\n\r\n")
            assert select.select([connection], [], [], 0.4) == ([], [], [])
            connection.sendall(b"abc")
            assert _answer(connection).endswith(b"3 bytes")


def test_waiting_costs_nothing() -> None:
    """While every connection has a request in progress, the server waits for a free one without using CPU."""
    with serving(connections=1) as (process, address), ExitStack() as open_connections:
        held = open_connections.enter_context(socket.create_connection(address, timeout=30))
        held.sendall(b"GET / HTTP/1.1\r\nHost: x\r\nX-Hold: 2\r\nConnection: close\r\n\r\n")
        waiting = open_connections.enter_context(socket.create_connection(address, timeout=30))
        waiting.sendall(b"GET / HTTP/1.1\r\nHost: x\r\n\r\n")
        before = processor_time(process)
        assert _answer(held).startswith(b"HTTP/1.1 200 OK")
        assert processor_time(process) - before < 0.5
        assert _answer(waiting).startswith(b"HTTP/1.1 200 OK")


def test_a_fresh_connection_keeps_its_place() -> None:
    """A new client is answered, although others wait for its place and its request comes a moment later."""
    with serving(connections=100, sending=30) as (_, address), ExitStack() as open_connections:
        fresh, *_, waiting = [
            open_connections.enter_context(socket.create_connection(address, timeout=30)) for _ in range(101)
        ]
        waiting.sendall(b"GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
        assert select.select([fresh, waiting], [], [], 0.1) == ([], [], [])
        fresh.sendall(b"GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
        assert _answer(fresh).startswith(b"HTTP/1.1 200 OK")
        assert _answer(waiting).startswith(b"HTTP/1.1 200 OK")


def test_slow_clients_hold_nobody_up(address: tuple[str, int]) -> None:
    """While slow clients use every connection, the next client is served when they are cut off."""
    with ExitStack() as open_connections:
        for _ in range(20):
            slow = open_connections.enter_context(socket.create_connection(address, timeout=30))
            slow.sendall(b"POST / HTTP/1.1\r\n")
        with socket.create_connection(address, timeout=30) as connection:
            connection.sendall(b"GET / HTTP/1.1\r\nHost: x\r\n\r\n")
            assert _answer(connection).startswith(b"HTTP/1.1 200 OK")


def _talk(address: tuple[str, int], hold: str, statuses: list[bytes]) -> None:
    """Requests over one connection until the server closes it; returns the status line of each answer."""
    request = b"POST / HTTP/1.1\r\nHost: x\r\nX-Hold: %b\r\nContent-Length: 5\r\n\r\nhello" % hold.encode()
    with socket.create_connection(address, timeout=30) as connection, suppress(OSError):
        connection.sendall(request)
        while answer := _answer(connection):
            statuses.append(answer.partition(b"\r\n")[0])
            connection.sendall(request)


def test_stop_in_the_middle_of_traffic() -> None:
    """A stopping server completes the answers that it began; silent connections do not delay it."""
    holds = ("0", "0.001", "0.02", "0.3") * 3
    statuses: list[list[bytes]] = [[] for _ in holds]
    with serving() as (process, address), socket.create_connection(address), ThreadPoolExecutor(len(holds)) as pool:
        talks = [pool.submit(_talk, address, hold, each) for hold, each in zip(holds, statuses, strict=True)]
        wait_until(lambda: all(statuses), 5, "traffic")
        began = time.monotonic()
        process.terminate()
        assert process.wait(30) == 0
        assert time.monotonic() - began < 4
        for talk in talks:
            talk.result()
    assert {status for each in statuses for status in each} == {b"HTTP/1.1 200 OK"}
