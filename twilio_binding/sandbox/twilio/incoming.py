"""Incoming messages and calls."""

from __future__ import annotations

import threading
import time
from collections.abc import Sequence
from typing import Any

from twilio_binding.sandbox.twilio import forms, replies, traffic
from twilio_binding.sandbox.twilio.party import CallParty
from twilio_binding.sandbox.twilio.phone import PhoneCall
from twilio_binding.sandbox.twilio.resources import Resource, new_sid
from twilio_binding.sandbox.twilio.webhooks import WebhookExchange
from twilio_binding.sandbox.twilio.world import World

_STOP = frozenset({"stop", "stopall", "unsubscribe", "cancel", "end", "quit"})
_START = frozenset({"start", "yes", "unstop"})


def receive(
    world: World,
    message: Resource,
    media: Sequence[tuple[str, str]],
    *,
    extra: dict[str, str],
    token: str | None = None,
    copies: int = 1,
) -> tuple[WebhookExchange, dict[str, Any]]:
    """Send the webhook of an incoming message. Returns it with its answer, and what the answer caused.

    Several `copies` are sent at the same moment. Raises ValueError if the number has no webhook for messages.
    """
    _note_opt_out(world, message)
    url, method = _message_url(world, message)
    form = forms.message(message, media, extra)
    if copies > 1:
        first = world.webhooks.at_once(url, form, copies, method=method, token=token)[0]
    else:
        first = world.webhooks.post(url, form, method=method, token=token)
    return first, replies.carry_out(world, message, first)


def _note_opt_out(world: World, message: Resource) -> None:
    pair = (message["from"], message["to"])
    word = message["body"].strip().lower()
    if word in _STOP and pair not in world.opted_out:
        world.opted_out.append(pair)
    elif word in _START and pair in world.opted_out:
        world.opted_out.remove(pair)


def _message_url(world: World, message: Resource) -> tuple[str, str]:
    number = world.number(message["to"])
    if number is None:
        raise ValueError(f"the account has no number {message['to']}")
    url = str(number["sms_url"])
    if message["from"].startswith("whatsapp:"):
        # WhatsApp senders have their own webhook. Its URL is that of texts with another end.
        url = url.removesuffix("/sms") + "/whatsapp" if url else ""
    else:
        url = _texts_go_to(world, number)
    if not url:
        raise ValueError("the number has no webhook for messages")
    return url, number["sms_method"]


def _texts_go_to(world: World, number: Resource) -> str:
    service = world.service_of(number)
    if service is not None:
        return str(service["inbound_request_url"] or "")
    if number["sms_application_sid"]:
        return str(_application(world, number["sms_application_sid"])["sms_url"])
    return str(number["sms_url"])


def _application(world: World, sid: str) -> Resource:
    return world.applications.get(sid) or {"sms_url": "", "voice_url": ""}


def _calls_go_to(world: World, number: Resource) -> str:
    if number["trunk_sid"]:
        return ""
    if number["voice_application_sid"]:
        return str(_application(world, number["voice_application_sid"])["voice_url"])
    return str(number["voice_url"])


def store_media(world: World, message: Resource, files: Sequence[tuple[bytes, str]]) -> list[tuple[str, str]]:
    """Store the media of a message. Returns the URL in the REST API and the content type of each."""
    found = []
    for content, kind in files:
        sid = new_sid("ME")
        message["files"][sid] = (content, kind)
        found.append((f"{world.url}{message['subresource_uris']['media'].removesuffix('.json')}/{sid}", kind))
    message["media"] = [url for url, _ in found]
    message["num_media"] = str(len(found))
    return found


def ring(world: World, call: Resource, caller: CallParty, *, hang_up_after: float | None = None) -> dict[str, Any]:
    """Run an incoming call from its first webhook to its end. Returns its course.

    After `hang_up_after` seconds, the caller hangs up.
    """
    number = world.number(call["to"])
    line = _Line(world, call, number, PhoneCall(world, call, caller))
    url = "" if number is None else _calls_go_to(world, number)
    if number is None or not url:
        line.phone.walk.reason = "the number has no voice URL"
        line.end()
    else:
        line.connect(url, number["voice_method"], hang_up_after)
    return line.phone.walk.shown() | {"sid": call["sid"], "status": call["status"]}


class _Line:
    def __init__(self, world: World, call: Resource, number: Resource | None, phone: PhoneCall) -> None:
        self._world = world
        self._call = call
        self._number = number
        self._lock = threading.Lock()
        self._is_over = False
        self._started = time.monotonic()
        self.phone = phone

    def connect(self, url: str, method: str, hang_up_after: float | None) -> None:
        caller = threading.Timer(hang_up_after or 0, self._hang_up)
        caller.name, caller.daemon = "twilio-caller", True
        if hang_up_after is not None:
            caller.start()
        self.phone.fetch(url, method)
        if hang_up_after is not None:
            caller.cancel()
            caller.join()
        self.end()

    def _hang_up(self) -> None:
        self.phone.hang_up()
        # Twilio sends the status callback immediately, even if a webhook of the call has no answer yet.
        self.end(hung_up=True)

    def end(self, *, hung_up: bool = False) -> None:
        with self._lock:
            if self._is_over:
                return
            self._is_over = True
        status = "completed"
        if self.phone.walk.ended == "rejected":
            status = "busy"
        elif hung_up and self._call["status"] == "ringing":
            status = "no-answer"
        seconds = round(time.monotonic() - self._started)
        self._call |= {"status": status, "duration": str(seconds), "end_time": forms.now()}
        if self._number is not None and self._number["status_callback"]:
            callbacks = traffic.Callbacks(
                self._world, self._number["status_callback"], self._number["status_callback_method"]
            )
            callbacks.tell(forms.call_status(self._call, 0))
            callbacks.over()
