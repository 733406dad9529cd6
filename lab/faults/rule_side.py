"""The rule's side of the traffic: actions over MQTT, repeated with the same id until they are answered."""

from __future__ import annotations

import json
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from random import Random

import requests
import sseclient
import urllib3

from lab.faults.environment import NUMBERS
from lab.faults.ledger import Asked, Ledger, Quota
from twilio_binding.mqtt import Client
from twilio_binding.mqtt.connection import BrokerConnection
from twilio_binding.mqtt.messages import Message
from twilio_binding.protocol.replies import Reply
from twilio_binding.protocol.requests import Request
from twilio_binding.protocol.topics import Topics

_AGAIN = 4.0
"""Seconds after which a request is sent again."""
_ANSWER = "<Response><Say>rule {}</Say></Response>"
_NAME = "faults"
_TO = [f"+1555200{n:04d}" for n in range(40)]
_CALLED = _TO[:6]


class RequestClient:
    """The connection for all requests and their replies."""

    def __init__(self, url: str, ledger: Ledger) -> None:
        self.topics = Topics()
        self.came = threading.Condition()
        self._ledger = ledger
        self._connection = BrokerConnection(url, client_id="faults-desk")
        self._connection.connected.subscribe(self._connected)
        self._connection.received.subscribe(self._received)

    def start(self) -> None:
        """Connect."""
        self._connection.start()
        self._connection.wait(30)

    def stop(self) -> None:
        """Disconnect."""
        self._connection.stop()

    def ask(self, thing: str, asked: Asked, args: dict[str, object], deadline: float = 0.0) -> None:
        """Publish a request, with its own reply topic."""
        asked.tries += 1
        reply_to = self.topics.reply(_NAME, f"{asked.id}-{asked.tries}")
        request = Request(
            thing=thing, action=asked.action, args=args, id=asked.id, reply_to=reply_to, deadline=deadline
        )
        self._connection.publish(self.topics.action(thing, asked.action), request.encode())

    def publish_short_form(self, thing: str, args: dict[str, object]) -> None:
        """Publish the short form of a text."""
        self._connection.publish(self.topics.action(thing, "sendSMS"), json.dumps(args).encode())

    def _connected(self) -> None:
        self._connection.subscribe(self.topics.reply(_NAME, "+"))

    def _received(self, message: Message) -> None:
        reply = Reply.decode(message.payload)
        asked = self._ledger.asked.get(reply.id)
        if asked is None:
            self._ledger.breach("a reply to nobody came")
            return
        with self.came:
            asked.replies.append(reply)
            self.came.notify_all()


class Asker(threading.Thread):
    """A rule that requests sends, one after the other."""

    def __init__(self, name: str, seed: int, client: RequestClient, quota: Quota, ledger: Ledger) -> None:
        super().__init__(name=f"asker-{name}", daemon=True)
        self._name = name
        self._random = Random(f"{seed} asker {name}")
        self._client = client
        self._quota = quota
        self._ledger = ledger
        self._earlier: list[tuple[str, Asked, dict[str, object]]] = []
        self._count = 0

    def run(self) -> None:
        """Request until there is nothing more to do."""
        while self._quota.take():
            self._count += 1
            thing = self._random.choice(tuple(NUMBERS))
            mark = f"act-{self._name}-{self._count}-{self._random.getrandbits(40):010x}"
            if self._random.random() < 0.02:
                self._ledger.short_forms.append(mark)
                self._client.publish_short_form(thing, {"to": self._random.choice(_TO), "message": mark})
                continue
            action, args = self._action(mark)
            asked = self._ledger.ask(Asked(id=mark, action=action, mark=mark, began=time.monotonic()))
            self._ask(thing, asked, args)
            self._repeat(thing, asked, args)

    def _action(self, mark: str) -> tuple[str, dict[str, object]]:
        dice = self._random.random()
        if dice < 0.12:
            return "makeTTSCall", {"to": self._random.choice(_CALLED), "text": mark}
        action = "sendWhatsApp" if dice < 0.3 else "sendSMS"
        return action, {"to": self._random.choice(_TO), "message": mark}

    def _ask(self, thing: str, asked: Asked, args: dict[str, object]) -> None:
        deadline = time.time() + 20 if self._random.random() < 0.1 else 0.0
        twice = self._random.random() < 0.1
        while asked.answer is None and not self._quota.stopped.is_set():
            for _ in range(2 if twice else 1):
                self._client.ask(thing, asked, args, deadline)
            known = len(asked.replies)
            until = time.monotonic() + _AGAIN
            with self._client.came:
                self._client.came.wait_for(lambda known=known: len(asked.replies) > known, until - time.monotonic())  # type: ignore[misc]
            if asked.answer is None and len(asked.replies) > known:
                self._ledger.count("actions answered `internal` and asked again")
                self._quota.stopped.wait(0.5)

    def _repeat(self, thing: str, asked: Asked, args: dict[str, object]) -> None:
        self._earlier = [*self._earlier[-20:], (thing, asked, args)]
        if self._random.random() < 0.08:
            self._ledger.count("actions asked again with the id of an earlier one")
            self._client.ask(*self._random.choice(self._earlier))


class AnsweringRule:
    """Gets calls from openHAB, and answers most of them, with the SID of the call."""

    def __init__(self, openhab_url: str, broker_url: str, seed: int) -> None:
        self._url = f"{openhab_url}/rest/events?topics=openhab/channels/twilio:phone:*"
        self._random = Random(f"{seed} rule")
        self._client = Client(broker_url, name="faults-rule", timeout=4)
        self._stopping = threading.Event()
        self._pool = ThreadPoolExecutor(8, thread_name_prefix="rule")
        self._thread = threading.Thread(target=self._listen, name="rule", daemon=True)

    def start(self) -> None:
        """Listen."""
        self._client.start()
        self._client.answers(*(f"{thing}:{name}-received" for thing in NUMBERS for name in ("call", "dtmf")))
        self._thread.start()

    def stop(self) -> None:
        """Stop."""
        self._stopping.set()
        self._thread.join(15)
        self._pool.shutdown(cancel_futures=True)
        self._client.stop()

    def _listen(self) -> None:
        with requests.Session() as session:
            session.trust_env = False
            while not self._stopping.is_set():
                try:
                    self._follow(session)
                except (requests.RequestException, urllib3.exceptions.HTTPError, OSError, ValueError):
                    self._stopping.wait(0.1)

    def _follow(self, session: requests.Session) -> None:
        with session.get(self._url, stream=True, timeout=(2, 12)) as response:
            for event in sseclient.SSEClient(iter(lambda: response.raw.read1(65536), b"")).events():
                if self._stopping.is_set():
                    return
                frame = json.loads(event.data)
                if "topic" not in frame:
                    continue
                channel = frame["topic"].split("/")[2]
                if channel.endswith((":call-received", ":dtmf-received")) and self._random.random() > 0.05:
                    sid = json.loads(json.loads(frame["payload"])["event"])["callSid"]
                    self._pool.submit(self._answer, channel.rpartition(":")[0], sid)

    def _answer(self, thing: str, sid: str) -> None:
        self._client.call(thing, "respondWithTwiml", {"callSid": sid, "twiml": _ANSWER.format(sid)})
