"""Arbitrary input for the real process: no 5xx, no traceback, no growth, and it keeps running."""

from __future__ import annotations

import http.client
import json
import os
import re
import signal
import socket
from collections.abc import Iterator
from contextlib import suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any
from urllib.parse import quote, urlencode, urlsplit

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from lab.processes import memory, open_files
from lab.standins.stack import Stack, stack
from tests.conftest import Announced
from tests.sids import sid
from tests.waiting import wait_until
from twilio_binding.actions import connect
from twilio_binding.model.payloads import FIELDS as FIELDS_THAT_DECIDE
from twilio_binding.mqtt import Client
from twilio_binding.mqtt.connection import BrokerConnection
from twilio_binding.openhab.event_stream import EventStream
from twilio_binding.sandbox.demo_rule import PHONE
from twilio_binding.sandbox.twilio.signing import sign
from twilio_binding.settings import OpenHABSettings

FUZZ = settings(
    max_examples=60,
    deadline=None,
    derandomize=True,
    database=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=30)
WORDS = ["Body", "From", "To", "MessageSid", "CallSid", "Digits", "NumMedia", "MediaUrl0", "CallStatus", "SpeechResult"]
FIELDS = st.dictionaries(st.sampled_from(WORDS) | TEXT.filter(lambda name: name != "AccountSid"), TEXT, max_size=8)
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | TEXT,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXT, inner, max_size=3),
    max_leaves=6,
)
PIECES = """<Response> </Response> <Say> </Say> <!DOCTYPE&a&[<!ENTITY&b&"c">]> &b; &amp; <![CDATA[ ]]> <Say&x=\' \'/> <!-- -->"""
MARKUP = st.lists(
    st.sampled_from([*PIECES.split("|"), "\x00", "\u2028", " "]) | TEXT,
    max_size=8,
).map("".join)


@pytest.fixture(scope="module")
def up() -> Iterator[Stack]:
    """A stack for all tests. At the end its log has no traceback and the process has not grown."""
    with stack() as home:
        for number in range(30):
            home.twilio.receive_sms(f"warm {number}")
        home.service.wait_delivered()
        before = _size(home)
        yield home
        home.service.wait_delivered()
        assert home.twilio.receive_sms("still here")["status"] == 200
        wait_until(lambda: home.openhab.states("TwilioLastMessage")[-1:] == ["still here"], 10, "the last text")
        after = _size(home)
        log = home.service.log.read_text(encoding="utf-8", errors="replace")
    assert "Traceback" not in log, log[log.index("Traceback") - 500 :][:3000]
    # Anything published on `bridge` may be taken for a script of another version, which is a reported error.
    assert not re.findall(r"level=(?:error|critical) event=(?!bridge\.unusable).*", log)
    assert after[0] - before[0] < 25
    assert after[1] - before[1] < 20


@pytest.fixture(scope="module")
def client(up: Stack) -> Iterator[Client]:
    """Somebody who asks for actions."""
    with connect(up.broker.url, timeout=10) as asking:
        yield asking


def _size(home: Stack) -> tuple[float, int]:
    """Resident memory in MB and open files of the service."""
    return memory(home.service.process), open_files(home.service.process)


def _post(home: Stack, path: str, body: str, headers: dict[str, str]) -> int:
    connection = http.client.HTTPConnection(urlsplit(home.service.url).netloc, timeout=15)
    try:
        connection.request("POST", path, body.encode(), headers)
        with connection.getresponse() as answer:
            answer.read()
            return answer.status
    finally:
        connection.close()


def _raw(home: Stack, request: bytes) -> int | None:
    """Send bytes; the status of the answer, None for none."""
    host, port = urlsplit(home.service.url).netloc.split(":")
    with socket.create_connection((host, int(port)), 5) as connection, suppress(OSError):
        connection.sendall(request)
        connection.shutdown(socket.SHUT_WR)
        status = re.match(rb"HTTP/1.\d (\d{3})", connection.recv(4096))
        return int(status[1]) if status else None
    return None


def _is_alive(home: Stack) -> bool:
    return home.service.process is not None and home.service.process.poll() is None


@FUZZ
@given(st.sampled_from(["sms", "whatsapp", "voice", "gather", "status"]), FIELDS, st.none() | TEXT, TEXT)
def test_signed_forms(up: Stack, endpoint: str, fields: dict[str, str], query: str | None, token: str) -> None:
    """Whatever Twilio signs is answered 200: any names, values, query, idempotency token; SIDs are well-formed."""
    fields = dict.fromkeys(FIELDS_THAT_DECIDE[endpoint], "") | fields | {"MessageSid": sid("SM"), "CallSid": sid("CA")}
    base = up.twilio.options.base_url
    url = f"{base}/{endpoint}" + ("" if query is None else f"?menu={quote(query)}&{quote(query)}")
    headers = {"Content-Type": "application/x-www-form-urlencoded"}
    headers["X-Twilio-Signature"] = sign(url, dict(fields), up.twilio.options.auth_token)
    if token.isprintable() and token.isascii() and token.strip():
        headers["I-Twilio-Idempotency-Token"] = token
    parts = urlsplit(url)
    target = parts.path + (f"?{parts.query}" if query is not None else "")
    assert _post(up, target, urlencode(fields), headers) == 200


@FUZZ
@given(st.binary(max_size=60), st.binary(max_size=200), st.sampled_from(["POST", "GET", "PUT", "\xff", "HEAD"]))
def test_raw_requests(up: Stack, path: bytes, rest: bytes, method: str) -> None:
    """Invalid or nonsensical HTTP is answered below 500 or not at all."""
    head = method.encode("latin-1") + b" /twilio/callback/" + path + b" HTTP/1.1\r\n" + rest
    status = _raw(up, head + b"\r\nContent-Length: 0\r\n\r\n")
    assert status is None or status < 500
    assert _is_alive(up)


@FUZZ
@given(st.dictionaries(st.from_regex(r"[A-Za-z-]{1,30}", fullmatch=True), st.binary(max_size=40), max_size=6))
def test_headers(up: Stack, given_headers: dict[str, bytes]) -> None:
    """No header of an unsigned request causes more than a refusal."""
    path = urlsplit(up.twilio.options.base_url).path
    head = b"".join(name.encode() + b": " + value + b"\r\n" for name, value in given_headers.items())
    status = _raw(up, f"POST {path}/sms HTTP/1.0\r\n".encode() + head + b"\r\nBody=x")
    assert status is None or 400 <= status < 500


@FUZZ
@given(st.sampled_from(["sendSMS", "makeCall", "respondWithTwiml", "createItemMediaUrl", "nothing"]), JSON)
def test_actions_with_any_arguments(client: Client, action: str, args: Any) -> None:
    """Arguments of any kind are carried out or refused with a reason, never `internal`."""
    body = args if isinstance(args, dict) else {"to": args, "message": args, "twiml": args, "callSid": args}
    assert client.call(PHONE, action, body).code not in ("internal", "timeout")


@FUZZ
@given(MARKUP)
def test_twiml_of_a_rule(client: Client, document: str) -> None:
    """A rule's TwiML is refused, or nobody waits for it; entities are not resolved."""
    result = client.call(PHONE, "respondWithTwiml", {"callSid": "CA00", "twiml": document})
    assert not result and result.code not in ("internal", "timeout")


@FUZZ
@given(
    st.lists(
        st.tuples(
            st.sampled_from(["action", "listener", "bridge", "event", "inbox", "reply"]),
            st.lists(TEXT.filter(lambda text: not set(text) & set("+#\x00")), max_size=3),
            st.binary(max_size=60) | JSON.map(lambda body: json.dumps(body).encode()),
            st.booleans(),
        ),
        max_size=5,
    )
)
def test_any_topic_and_payload(up: Stack, client: Client, messages: list[tuple[str, list[str], bytes, bool]]) -> None:
    """After any messages on any topics requests are answered as before."""
    with_session = BrokerConnection(up.broker.url, client_id="fuzz")
    with_session.start()
    assert with_session.wait(30)
    for kind, levels, payload, retain in messages:
        with_session.publish("/".join(("twilio", kind, *levels)), payload, retain=retain and kind != "action")
    with_session.stop()
    args = {"callSid": "CA00", "twiml": "<Response/>"}
    assert client.call(PHONE, "respondWithTwiml", args).code == "unknown_call"


@FUZZ
@given(st.integers(0, 200), st.integers(0, 40), TEXT | st.sampled_from(["}", "{", '"', "[", "]", "Bridge", "//", "/*"]))
def test_things_files(up: Stack, at: int, length: int, instead: str) -> None:
    """A file with any replacement is accepted or named; the good one works again afterwards."""
    good = up.things.read_text(encoding="utf-8")
    assert up.service.process is not None
    try:
        up.things.write_text(good[:at] + instead + good[at + length :], encoding="utf-8")
        os.kill(up.service.process.pid, signal.SIGHUP)
        entry = up.service.dependencies()["things"]
        assert entry["up"] or entry["reason"]
    finally:
        up.things.write_text(good, encoding="utf-8")
        os.kill(up.service.process.pid, signal.SIGHUP)
    wait_until(lambda: up.service.dependencies()["things"]["up"], 10, "the good file")


@FUZZ
@given(
    st.sampled_from(
        [f"{PHONE}:sms-received", "twilio:relay:service:done", "twilio:relay:service:refused", "twilio:phone:a:b:c"]
    ),
    TEXT | JSON.map(json.dumps),
)
def test_trigger_events_of_others(up: Stack, channel: str, payload: str) -> None:
    """Trigger events of others in openHAB confirm nothing and break nothing."""
    up.openhab.trigger(channel, payload)
    assert _is_alive(up)


class Frames(BaseHTTPRequestHandler):
    """An openHAB that sends given bytes, once for each connection."""

    def do_GET(self) -> None:
        """Answer with the next bytes, and end."""
        self.send_response(200)
        self.send_header("Content-Type", "text/event-stream")
        self.end_headers()
        pieces: list[bytes] = self.server.pieces  # type: ignore[attr-defined]
        self.wfile.write(pieces.pop(0) if pieces else b"event: message\ndata: " + b'{"topic":"end","payload":""}\n\n')

    def log_message(self, *_: object) -> None:
        """Nothing."""


FRAME = st.binary(max_size=60) | st.tuples(JSON, JSON).map(
    lambda both: b"event: message\ndata: " + json.dumps({"topic": both[0], "payload": both[1]}).encode() + b"\n\n"
)


@settings(FUZZ, max_examples=25)
@given(st.lists(FRAME, min_size=1, max_size=3))
def test_frames(announced: Announced, pieces: list[bytes]) -> None:
    """Whatever arrives on the event stream, the service reconnects and gets the next good frame."""
    announced("openhab.event_failed")
    server = ThreadingHTTPServer(("127.0.0.1", 0), Frames)
    server.pieces = [b"".join(pieces)]  # type: ignore[attr-defined]
    serving = Thread(target=server.serve_forever, args=(0.01,))
    serving.start()
    heard: list[str] = []
    url = f"http://127.0.0.1:{server.server_address[1]}"
    stream = EventStream(
        OpenHABSettings(url=url),
        on_open=lambda: None,
        on_event=lambda topic, _: heard.append(topic.removeprefix("x")),
        on_lost=lambda _: None,
    )
    stream.start()
    try:
        wait_until(lambda: "end" in heard, 10, "the good frame")
    finally:
        stream.stop()
        server.shutdown()
        serving.join()
        server.server_close()
