"""What exists at the stand-in's Twilio: the account, its numbers, messages and calls."""

from __future__ import annotations

import itertools
import re
import secrets
import threading
from collections import deque
from dataclasses import dataclass, field
from email.utils import formatdate
from typing import Any

from twilio_binding.sandbox.openhab.faults import Faults
from twilio_binding.sandbox.twilio.options import Options
from twilio_binding.sandbox.twilio.webhooks import Webhooks

Resource = dict[str, Any]
_KEPT = 50_000
_GSM = re.compile(r"[ -Z_a-z\n\r£¥èéùìòÇØøÅåÄÖÑÜ§¿äöñüà¤]*\Z")


@dataclass(slots=True, kw_only=True)
class Contact:
    """Somebody who is called: how the call ends, and what is typed or said at each Gather."""

    status: str = "completed"
    script: list[str] = field(default_factory=list)
    answered_by: str = ""


class World:
    """All state of the stand-in. `url` is where its own REST API is."""

    def __init__(self, options: Options, url: str) -> None:
        self.options = options
        self.url = url
        self.lock = threading.Lock()
        self.faults = Faults()
        self.webhooks = Webhooks(options)
        self.reset()

    def reset(self) -> None:
        """Forget everything but the one number that the options name."""
        self.account_status = "active"
        self.messages: deque[Resource] = deque(maxlen=_KEPT)
        self.calls: deque[Resource] = deque(maxlen=_KEPT)
        self.contacts: dict[str, Contact] = {}
        self.failing: dict[str, tuple[str, int]] = {}
        self.numbers: dict[str, Resource] = {}
        self.callbacks = {"send": 1, "shuffle": 0}
        self._counter = itertools.count(1)
        self.faults.clear()
        self.webhooks.forget()
        base = self.options.base_url
        self.add_number(self.options.number, sms_url=f"{base}/sms", voice_url=f"{base}/voice", status=f"{base}/status")

    def sid(self, prefix: str) -> str:
        """A new SID."""
        return f"{prefix}{secrets.token_hex(16)}"

    def add_number(self, number: str, *, sms_url: str = "", voice_url: str = "", status: str = "") -> Resource:
        """A number of the account."""
        resource = {
            "sid": self.sid("PN"),
            "account_sid": self.options.account_sid,
            "phone_number": number,
            "friendly_name": f"({number[2:5]}) {number[5:8]}-{number[8:]}",
            "capabilities": {"sms": True, "mms": True, "voice": True, "fax": False},
            "sms_url": sms_url,
            "sms_method": "POST",
            "voice_url": voice_url,
            "voice_method": "POST",
            "status_callback": status,
            "status_callback_method": "POST",
            "sms_application_sid": "",
            "voice_application_sid": "",
            "trunk_sid": None,
            "date_created": formatdate(usegmt=True),
        }
        self.numbers[str(resource["sid"])] = resource
        return resource

    def number(self, phone_number: str) -> Resource | None:
        """The resource of a number."""
        bare = phone_number.removeprefix("whatsapp:")
        return next((each for each in self.numbers.values() if each["phone_number"] == bare), None)

    def new_message(self, form: dict[str, str], media: list[str], direction: str) -> Resource:
        """Store a message."""
        body = form.get("Body", "")
        size, rest = (160, 153) if _GSM.match(body) else (70, 67)
        segments = 1 if len(body) <= size else -(-len(body) // rest)
        message = {
            "sid": self.sid("MM" if media else "SM"),
            "account_sid": self.options.account_sid,
            "from": form.get("From", ""),
            "to": form.get("To", ""),
            "body": body,
            "status": "queued" if direction == "outbound-api" else "received",
            "direction": direction,
            "num_segments": str(segments),
            "num_media": str(len(media)),
            "error_code": None,
            "error_message": None,
            "date_created": formatdate(usegmt=True),
            "date_sent": None,
            "date_updated": formatdate(usegmt=True),
            "price": None,
            "price_unit": "USD",
            "api_version": "2010-04-01",
            "messaging_service_sid": None,
            "media": media,
            "status_callback": form.get("StatusCallback", ""),
        }
        with self.lock:
            self.messages.append(message)
        return message

    def new_call(self, form: dict[str, str], direction: str) -> Resource:
        """Store a call."""
        call = {
            "sid": self.sid("CA"),
            "account_sid": self.options.account_sid,
            "from": form.get("From", ""),
            "to": form.get("To", ""),
            "status": "queued" if direction == "outbound-api" else "ringing",
            "direction": direction,
            "duration": None,
            "date_created": formatdate(usegmt=True),
            "start_time": None,
            "end_time": None,
            "api_version": "2010-04-01",
            "answered_by": None,
            "twiml": form.get("Twiml", ""),
            "status_callback": form.get("StatusCallback", ""),
        }
        with self.lock:
            self.calls.append(call)
        return call
