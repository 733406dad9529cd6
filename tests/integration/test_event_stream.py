"""The service's reader of openHAB's event stream, against frames as openHAB's Jetty sends them."""

from __future__ import annotations

import queue
import socket
import threading
import time
from urllib.parse import urlsplit

from lab.standins.client import OpenHABStandIn
from tests.waiting import wait_until
from twilio_binding.openhab import event_stream as stream
from twilio_binding.sandbox.openhab import OpenHABOptions
from twilio_binding.sandbox.ports import free_port
from twilio_binding.settings import OpenHABSettings

_QUIET = 60.0
"""No keep-alive frame arrives meanwhile that could push an event along."""
_CHANNEL = "openhab/channels/twilio:phone:a:b:sms-received/triggered"


def test_an_event_arrives_without_waiting_for_the_next() -> None:
    """A single event is passed on immediately, although the end mark of its chunk only comes with the next frame."""
    opened = threading.Event()
    heard: queue.Queue[str] = queue.Queue()
    with OpenHABStandIn(OpenHABOptions(alive_interval=_QUIET)) as openhab:
        reader = stream.EventStream(
            OpenHABSettings(url=openhab.url),
            on_open=opened.set,
            on_event=lambda topic, _: heard.put(topic),
            on_lost=lambda _: None,
        )
        reader.start()
        try:
            assert opened.wait(30)
            for _ in range(3):
                started = time.monotonic()
                openhab.trigger("twilio:phone:a:b:sms-received", "{}")
                assert heard.get(timeout=30) == _CHANNEL
                assert time.monotonic() - started < 15
        finally:
            reader.stop()


def test_a_closed_port_is_tried_often() -> None:
    """However long openHAB was down, when it listens again, the service connects soon."""
    lost: list[str] = []
    reader = stream.EventStream(
        OpenHABSettings(url=f"http://127.0.0.1:{free_port()}"),
        on_open=lambda: None,
        on_event=lambda *_: None,
        on_lost=lost.append,
    )
    reader.start()
    try:
        wait_until(lambda: len(lost) >= 10, 20, "ten attempts, of which none waits longer than the first")
    finally:
        reader.stop()


def test_the_stand_in_keeps_back_the_end_mark_of_a_chunk() -> None:
    """As on openHAB 5.3: text and blank line are separate chunks, and the last CRLF comes with the next frame."""
    with (
        OpenHABStandIn(OpenHABOptions(alive_interval=_QUIET)) as openhab,
        socket.create_connection(("127.0.0.1", urlsplit(openhab.url).port or 0), timeout=30) as client,
    ):
        client.sendall(b"GET /rest/events?topics=openhab/channels/* HTTP/1.1\r\nHost: x\r\n\r\n")
        wait_until(lambda: openhab.counts()["streams"] == 1, 5, "the stream")
        for n in range(2):
            openhab.trigger("twilio:phone:a:b:sms-received", f"{n}")
        received = b""
        while b'"1\\"' not in received or not received.endswith(b"\r\n2\r\n\n\n"):
            received += client.recv(65536)
    frames = received.partition(b"\r\n\r\n")[2]
    assert frames.count(b"\r\n2\r\n\n\n\r\n") == 1
