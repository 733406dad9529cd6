"""What goes on by itself: messages are delivered, calls ring, are answered and end."""

from __future__ import annotations

import threading
import time
from typing import Any

from twilio_binding.sandbox.twilio import forms
from twilio_binding.sandbox.twilio.phone import Phone
from twilio_binding.sandbox.twilio.world import Contact, World

_never = threading.Event()


def deliver(world: World, message: dict[str, Any]) -> None:
    """Take an outgoing message through its statuses, on a thread of its own."""
    status, code = world.failing.get(message["to"], ("delivered", 0))

    def run() -> None:
        for step in ("sent", status) if status != "failed" else ("failed",):
            _never.wait(world.options.pause)
            message["status"] = step
            message["error_code"] = code if step in ("failed", "undelivered") else None
            _tell(world, message["status_callback"], forms.message_status(message))

    threading.Thread(target=run, name="twilio-message", daemon=True).start()


def dial(world: World, call: dict[str, Any], events: list[str]) -> None:
    """Take an outgoing call through its life, on a thread of its own."""
    contact = world.contacts.get(call["to"], Contact())

    def run() -> None:
        sequence = 0
        started = time.monotonic()
        for event, status in (("initiated", "initiated"), ("ringing", "ringing"), ("answered", "in-progress")):
            if event == "answered" and contact.status != "completed":
                break
            _never.wait(world.options.ring)
            call["status"] = status
            call["answered_by"] = contact.answered_by if event == "answered" else None
            if event in events:
                _tell(world, call["status_callback"], forms.call_status(call, sequence))
            sequence += 1
        if contact.status == "completed":
            phone = Phone(world.webhooks, call, list(contact.script))
            phone.perform(call["twiml"], "")
            call["walk"] = shown_walk(phone)
        _end(world, call, contact.status, round(time.monotonic() - started), sequence)

    threading.Thread(target=run, name="twilio-call", daemon=True).start()


def ring(world: World, call: dict[str, Any], script: list[str]) -> dict[str, Any]:
    """An incoming call from its first webhook to its end; what happened in it."""
    number = world.number(call["to"])
    started = time.monotonic()
    phone = Phone(world.webhooks, call, script)
    if number is None or not number["voice_url"]:
        phone.walk.reason = "the number has no voice URL"
    else:
        phone.fetch(number["voice_url"])
    call["status"] = "busy" if phone.walk.rejected else "completed"
    call["duration"] = str(round(time.monotonic() - started))
    if number is not None and number["status_callback"]:
        world.webhooks.post(number["status_callback"], forms.call(call) | {"CallDuration": call["duration"]})
    return shown_walk(phone) | {"sid": call["sid"], "status": call["status"]}


def shown_walk(phone: Phone) -> dict[str, Any]:
    """What happened in a call, as the control API shows it."""
    walk = phone.walk
    return {
        "said": walk.said,
        "played": walk.played,
        "requests": [exchange.shown() for exchange in walk.requests],
        "error": walk.error,
        "reason": walk.reason,
    }


def _end(world: World, call: dict[str, Any], status: str, duration: int, sequence: int) -> None:
    call["status"], call["duration"] = status, str(duration)
    _tell(world, call["status_callback"], forms.call_status(call, sequence))


def _tell(world: World, url: str, form: dict[str, str]) -> None:
    for _ in range(world.callbacks["send"] if url else 0):
        world.webhooks.post(url, form, token="" if not world.webhooks.use_tokens else None)
