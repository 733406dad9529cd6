"""An openHAB with thousands of things, links and rules."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread

import pytest

from twilio_binding.sandbox.service_process import SEEDS

_PROGRAM = """
import gevent.monkey
gevent.monkey.patch_all()
import gevent, sys, time
from twilio_binding.openhab import OpenHABRequests, RestClient
from twilio_binding.openhab.registries.items import ItemValues
from twilio_binding.settings import OpenHABSettings

requests, longest = OpenHABRequests(OpenHABSettings(url=sys.argv[1])), 0.0
client, items = RestClient(requests), ItemValues(requests)
client.system()  # what is loaded first is another matter

def beat():
    global longest
    last = time.process_time()
    while True:
        gevent.sleep(0)
        longest, last = max(longest, time.process_time() - last), time.process_time()

beating = gevent.spawn(beat)
gevent.sleep(0.01)
print(len(client.things()), len(list(client.links())), len(client.rules()), len(items.with_state()), longest)
"""
_THING = {
    "thingTypeUID": "mqtt:topic",
    "channels": [{"uid": f"mqtt:topic:x:{number}", "configuration": {"a": "b" * 50}} for number in range(60)],
}

_ENTRY = {"itemName": "Kitchen_Light", "channelUID": "mqtt:topic:x:1", "configuration": {}, "editable": False}


class _OpenHAB(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        entries: object = [_ENTRY] * 5000
        if self.path.endswith("things"):
            entries = [*[_THING] * 1500, {"thingTypeUID": "twilio:account", "UID": "twilio:account:a"}]
        if "/items?" in self.path:
            entries = [{"name": f"Item{number}", "state": "ON"} for number in range(5000)]
        body = json.dumps({} if self.path.endswith("systeminfo") else entries).encode()
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """Nothing."""


_LOADING = """
import gevent.monkey
gevent.monkey.patch_all()
import gevent, socket, sys
from twilio_binding.openhab import ItemLinks

links, turns = ItemLinks(), 0
listed = [{"itemName": f"I{n}", "channelUID": f"twilio:phone:a:p{n % 2}:last-message-body"} for n in range(100_000)]

def others():
    global turns
    while True:
        gevent.sleep(0)
        turns += 1

def others_at_the_network():
    global turns
    here, there = socket.socketpair()
    gevent.spawn(lambda: [there.send(there.recv(1)) for _ in iter(int, 1)])
    while True:
        here.send(b"x")
        here.recv(1)
        turns += 1

gevent.spawn(locals()[sys.argv[1]])
gevent.sleep(0.01)
turns = 0
links.load(listed)
print(turns)
"""


@pytest.fixture
def openhab() -> Iterator[str]:
    """An openHAB that answers each list with thousands of entries."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), _OpenHAB)
    thread = Thread(target=server.serve_forever, args=(0.01,))
    thread.start()
    yield f"http://127.0.0.1:{server.server_address[1]}"
    server.shutdown()
    thread.join()
    server.server_close()


def test_long_lists_hold_nobody_up(openhab: str) -> None:
    """While long lists of openHAB are read, everything else continues; only Twilio's things are kept."""
    done = subprocess.run(
        [sys.executable, "-c", _PROGRAM, openhab], cwd=SEEDS, capture_output=True, text=True, check=True, timeout=60
    )
    things, links, rules, items, longest = done.stdout.split()
    assert (things, links, rules, items) == ("1", "5000", "5000", "5000")
    assert float(longest) < 0.12


@pytest.mark.parametrize("others", ["others", "others_at_the_network"])
def test_thousands_of_links_hold_nobody_up(others: str) -> None:
    """While links are taken over, everything else continues, also what waits for the network, however many there are."""
    done = subprocess.run(
        [sys.executable, "-c", _LOADING, others], cwd=SEEDS, capture_output=True, text=True, check=True, timeout=60
    )
    assert int(done.stdout) >= 5
