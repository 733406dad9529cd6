"""Twilio's side of the traffic: signed webhooks, repeated until they are answered, sent twice, and out of order."""

from __future__ import annotations

import threading
import time
from collections import deque
from concurrent.futures import ThreadPoolExecutor
from random import Random
from xml.etree import ElementTree as ET

from lab.faults.environment import ACCOUNT, ANSWER_SECONDS, NUMBERS, PACKET, TOKEN, callback
from lab.faults.ledger import Ledger, Quota, Told
from lab.faults.webhook_client import Post, WebhookClient

_PAUSES = (0.05, 0.1, 0.3, 0.5)
_SLACK = 3.0
"""Seconds by which an answer may exceed the deadline of a call, on a busy machine."""
_LONG = "\u5929" * (PACKET // 2)
"""A text that is permitted in a message, but too long for the broker."""
_STATUSES = ("queued", "sent", "delivered")


class Line(threading.Thread):
    """A sender of texts, or a caller. Its webhooks are sent one after the other, so their order is known."""

    def __init__(self, name: str, seed: int, url: str, quota: Quota, ledger: Ledger) -> None:
        super().__init__(name=f"line-{name}", daemon=True)
        self._line = name
        self._random = Random(f"{seed} {name}")
        self._thing = self._random.choice(tuple(NUMBERS))
        self._from = f"+1555{self._random.randrange(10**6, 10**7)}"
        self._url = url
        self._quota = quota
        self._ledger = ledger
        self._number = 0
        self._earlier: deque[Post] = deque(maxlen=30)
        self._webhook_client = WebhookClient(url)

    def run(self) -> None:
        """Send until there is nothing more to do."""
        while self._quota.take():
            self._next()
        self._webhook_client.close()

    def _next(self) -> None:
        dice = self._random.random()
        if dice < 0.03:
            self._forged()
            return
        post = self._status() if dice < 0.2 else self._message("whatsapp" if dice < 0.35 else "sms")
        self._tell(post)
        self._repeat(post)

    def _message(self, endpoint: str) -> Post:
        sid = self._sid("SM")
        prefix = "whatsapp:" if endpoint == "whatsapp" else ""
        is_long = bool(prefix) and self._random.random() < 0.1
        form = {"MessageSid": sid, "Body": f"mark {sid} {_LONG if is_long else ''}".strip(), "NumMedia": "0"}
        form |= {"From": prefix + self._from, "To": prefix + NUMBERS[self._thing]}
        post = self._post(f"{endpoint}-received {sid}", endpoint, form)
        post.told.is_long = is_long
        return post

    def _status(self) -> Post:
        sid, status = self._sid("SM"), self._random.choice(_STATUSES)
        form = {"MessageSid": sid, "MessageStatus": status, "From": NUMBERS[self._thing], "To": self._from}
        return self._post(f"message-status {sid} {status}", "status", form)

    def _forged(self) -> None:
        sid = self._sid("SM")
        form = {"MessageSid": sid, "Body": "let me in", "From": self._from, "To": NUMBERS[self._thing]}
        post = self._post(f"sms-received {sid}", "sms", form, auth_token="not the token")
        status, _, _ = self._webhook_client.send(post)
        if status not in (0, 403):
            self._ledger.breach(f"a forged webhook was answered {status}")

    def _post(
        self, key: str, endpoint: str, form: dict[str, str], *, urgent: bool = False, auth_token: str = TOKEN
    ) -> Post:
        self._number += 1
        told = Told(
            key=key,
            line=self._line,
            number=self._number,
            urgent=urgent,
            began=time.monotonic(),
            forged=auth_token != TOKEN,
        )
        token = f"{self._random.getrandbits(128):032x}" if urgent or self._random.random() < 0.8 else ""
        self._ledger.tell(told)
        form |= {"AccountSid": ACCOUNT, "ApiVersion": "2010-04-01"}
        return Post(told=told, url=callback(self._thing, endpoint), form=form, token=token, auth_token=auth_token)

    def _sid(self, kind: str) -> str:
        return f"{kind}{self._random.getrandbits(128):032x}"

    def _tell(self, post: Post) -> tuple[str, float]:
        """Send a webhook until it is answered 2xx. Returns answer and seconds; the answer is "" if the run ends first."""
        attempt = 0
        while not self._quota.stopped.is_set():
            status, answer, seconds = self._webhook_client.send(post)
            if 200 <= status < 300:
                post.told.accepted = post.told.accepted or time.monotonic()
                self._ledger.count("answered 2xx")
                return answer, seconds
            if status:
                self._ledger.count(f"answered {status} {answer:.40}")
                if post.told.urgent:
                    self._ledger.breach(f"a caller was answered {status}")
            self._quota.stopped.wait(_PAUSES[min(attempt, len(_PAUSES) - 1)])
            attempt += 1
            self._ledger.count("webhooks sent again because no answer came")
        return "", 0.0

    def _repeat(self, post: Post) -> None:
        dice = self._random.random()
        if dice < 0.04:
            self._again(post)
        elif dice < 0.06:
            with ThreadPoolExecutor(2, thread_name_prefix="copy") as pool:
                for _ in range(2):
                    pool.submit(self._alone, post)
        elif dice < 0.1 and self._earlier:
            for earlier in reversed(self._random.sample(tuple(self._earlier), min(2, len(self._earlier)))):
                self._again(earlier)
        self._earlier.append(post)

    def _again(self, post: Post) -> None:
        post.told.copies += 1
        self._ledger.count("webhooks sent twice")
        self._webhook_client.send(post)

    def _alone(self, post: Post) -> tuple[int, str]:
        """Send a copy over a separate connection."""
        post.told.copies += 1
        self._ledger.count("webhooks sent twice at the same moment")
        webhook_client = WebhookClient(self._url)
        status, answer, _ = webhook_client.send(post)
        webhook_client.close()
        return status, answer


class CallLine(Line):
    """A caller: the greeting, keys while there is a menu, and the end of the call."""

    def _next(self) -> None:
        sid = self._sid("CA")
        form = {"CallSid": sid, "CallStatus": "ringing", "From": self._from, "To": NUMBERS[self._thing]}
        self._held(self._post(f"call-received {sid}", "voice", form, urgent=True), sid)
        for _ in range(self._random.choice((0, 1, 1, 2))):
            if not self._quota.take():
                return
            digits = str(self._random.randrange(10**6, 10**7))
            keys = form | {"Digits": digits, "CallStatus": "in-progress"}
            self._held(self._post(f"dtmf-received {sid} {digits}", "gather", keys, urgent=True), sid)
        if self._quota.take():
            over = form | {"CallStatus": "completed", "CallDuration": "3", "SequenceNumber": "3"}
            self._tell(self._post(f"call-status-update {sid} completed", "status", over))

    def _held(self, post: Post, sid: str) -> None:
        if self._random.random() < 0.15:
            with ThreadPoolExecutor(2, thread_name_prefix="copy") as pool:
                twins = [pool.submit(self._alone, post) for _ in range(2)]
            answers = {answer for status, answer in (twin.result() for twin in twins) if status == 200}
            if len(answers) > 1:
                self._ledger.breach("two copies of one call were answered differently")
            if answers:
                post.told.accepted = time.monotonic()
        answer, seconds = self._tell(post)
        if answer:
            self._ledger.held(seconds)
            if seconds > ANSWER_SECONDS + _SLACK:
                self._ledger.breach(f"a caller waited {seconds:.1f} s")
            self._judge(answer, sid)

    def _judge(self, answer: str, sid: str) -> None:
        try:
            root = ET.fromstring(answer)
        except ET.ParseError:
            self._ledger.breach("a caller's answer was no XML")
            return
        said = "".join(root.itertext())
        if root.tag != "Response":
            self._ledger.breach("a caller's answer was no TwiML")
        elif not said.startswith("rule "):
            self._ledger.count("calls answered by default")
        elif said == f"rule {sid}":
            self._ledger.count("calls answered by the rule")
        else:
            self._ledger.breach("a caller heard the answer to another call")
