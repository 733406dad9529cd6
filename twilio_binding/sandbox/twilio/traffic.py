"""The course of outgoing messages and calls: messages are delivered, calls ring, are answered and end."""

from __future__ import annotations

import time
from dataclasses import dataclass
from hashlib import sha256
from typing import Any

from twilio_binding.sandbox.twilio import forms
from twilio_binding.sandbox.twilio.live_calls import LiveCall
from twilio_binding.sandbox.twilio.party import Scripted
from twilio_binding.sandbox.twilio.phone import PhoneCall
from twilio_binding.sandbox.twilio.resources import Resource, new_sid
from twilio_binding.sandbox.twilio.signing import Form
from twilio_binding.sandbox.twilio.world import Callee, World

_NOT_FETCHED = 11200
"""A guess: Twilio's code in this case is not known. This is the code for a URL with a wrong answer."""
_EVENTS = {"initiated": "initiated", "ringing": "ringing", "answered": "in-progress"}


class Callbacks:
    """The status callbacks of one message or call."""

    def __init__(self, world: World, url: str, method: str = "POST") -> None:
        self._conduct = world.conduct
        self._lives = world.background
        self._webhooks = world.webhooks
        self._url = url
        self._method = method
        self._late: list[Form] = []

    def tell(self, form: Form) -> None:
        """Send a callback; with `shuffle`, keep it for `over`."""
        if self._conduct.shuffle:
            self._late.append(form)
        else:
            self._send(form)

    def over(self) -> None:
        """Send the callbacks that were kept, in reverse order."""
        while self._late:
            self._send(self._late.pop())

    def _send(self, form: Form) -> None:
        copies = self._conduct.callbacks
        if not self._url or not copies or self._lives.is_over:
            return
        exchange = self._webhooks.post(self._url, form, method=self._method)
        for _ in range(copies - 1):
            self._webhooks.again(exchange)


def deliver(world: World, message: Resource) -> None:
    """Start a thread that takes an outgoing message through its statuses."""
    status, code = world.fate(message)
    callbacks = Callbacks(world, message["status_callback"])

    def run() -> None:
        nonlocal status, code
        message["fetched"] = [_fetched(world, message, url) for url in message["media"] if _is_ours(url)]
        if not all(picture["status"] == 200 for picture in message["fetched"]):
            status, code = "failed", _NOT_FETCHED
        for step in ("sent", status) if status != "failed" else ("failed",):
            if not world.background.rest(world.conduct.pause):
                return
            message["status"], message["date_updated"] = step, forms.now()
            message["date_sent"] = message["date_sent"] or message["date_updated"]
            if step == status and code:
                message["error_code"] = code
            callbacks.tell(forms.message_status(message))
        callbacks.over()

    world.background.start("twilio-message", run)


def _is_ours(url: str) -> bool:
    """Whether the service has this picture. The stand-in fetches no other URLs."""
    return "/twilio/callback/media/" in url


def _fetched(world: World, message: Resource, url: str) -> dict[str, object]:
    """Fetch a picture, and store it with the message."""
    status, content, kind = world.webhooks.fetch(url)
    if status == 200:
        message["files"][new_sid("ME")] = (content, kind)
    return {"status": status, "type": kind, "size": len(content), "sha256": sha256(content).hexdigest()}


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """The options of a new call, besides From and To."""

    events: frozenset[str] = frozenset({"completed"})
    method: str = "POST"
    callback_method: str = "POST"
    detects_machines: bool = False
    amd_callback: str = ""


def dial(world: World, call: Resource, wanted: Wanted) -> None:
    """Start a thread that makes an outgoing call, from its start to its end."""
    live = world.live.add(call, world.background.calls) if call["to"] in world.live.numbers else None
    contact = Callee() if live else world.contacts.get(call["to"], Callee())
    phone = PhoneCall(world, call, live.pad if live else Scripted(contact.script))
    world.background.calls[call["sid"]] = phone
    background = world.background

    def run() -> None:
        try:
            _Outgoing(world, call, wanted, contact, phone, hand=live).live()
        finally:
            if live:
                live.end(str(phone.walk.reason or phone.walk.ended or call["status"]))
            background.calls.pop(call["sid"], None)

    background.start("twilio-call", run)


class _Outgoing:
    def __init__(
        self,
        world: World,
        call: Resource,
        wanted: Wanted,
        contact: Callee,
        phone: PhoneCall,
        *,
        hand: LiveCall | None,
    ) -> None:
        self._world = world
        self._hand = hand
        self._call = call
        self._wanted = wanted
        self._contact = contact
        self._phone = phone
        self._callbacks = Callbacks(world, call["status_callback"], wanted.callback_method)
        self._sequence = 0

    def live(self) -> None:
        started = time.monotonic()
        if self._rings():
            started = time.monotonic()
            self._call["start_time"] = forms.now()
            self._amd()
            if self._call["url"]:
                self._phone.fetch(self._call["url"], self._wanted.method)
            else:
                self._phone.perform(self._call["twiml"])
            self._end("completed", round(time.monotonic() - started))
        else:
            ended = "canceled" if self._phone.interruption.is_end else self._contact.status
            self._end(ended, 0)
        # Set this last: a test that finds it may assume that the call is over.
        self._call["walk"] = self._phone.walk.shown()

    def _rings(self) -> bool:
        """Whether somebody answers."""
        for event, status in _EVENTS.items():
            if event == "answered" and not self._is_answered():
                return False
            if not self._world.background.rest(self._world.conduct.ring) or self._phone.interruption.is_end:
                return False
            self._call["status"] = status
            if event == "answered":
                self._call["answered_by"] = self._contact.answered_by or None
            self._tell(event)
        return True

    def _is_answered(self) -> bool:
        if self._hand is not None:
            self._contact.status = self._hand.ring(self._is_over)
        return self._contact.status == "completed"

    def _is_over(self) -> bool:
        return self._phone.interruption.is_end or self._world.background.is_over

    def _amd(self) -> None:
        if not self._wanted.detects_machines:
            return
        self._call["answered_by"] = self._contact.answered_by or "human"
        if self._wanted.amd_callback:
            names = {"CallSid": "sid", "AccountSid": "account_sid", "AnsweredBy": "answered_by"}
            form: dict[str, Any] = {name: self._call[key] for name, key in names.items()}
            self._world.webhooks.post(self._wanted.amd_callback, form | {"MachineDetectionDuration": "2980"})

    def _end(self, status: str, seconds: int) -> None:
        self._call |= {"status": status, "duration": str(seconds), "end_time": forms.now()}
        self._call["ended_at"] = time.monotonic()
        self._tell("completed")
        self._callbacks.over()

    def _tell(self, event: str) -> None:
        if event in self._wanted.events:
            self._callbacks.tell(forms.call_status(self._call, self._sequence))
            self._sequence += 1
