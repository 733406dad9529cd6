"""The state of the stand-in: the account, its numbers, messages and calls."""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass, field

from twilio_binding.sandbox.twilio import failures, resources
from twilio_binding.sandbox.twilio.background import Background
from twilio_binding.sandbox.twilio.live_calls import LiveCalls
from twilio_binding.sandbox.twilio.options import Conduct, TwilioOptions
from twilio_binding.sandbox.twilio.resources import Resource
from twilio_binding.sandbox.twilio.webhooks import WebhookSender

_KEPT = 10_000


@dataclass(slots=True, kw_only=True)
class Callee:
    """A person who is called: the status with which the call ends, and the keys or words at each Gather."""

    status: str = "completed"
    script: list[str] = field(default_factory=list)
    answered_by: str = ""


class World:
    """All state of the stand-in. `url` is the base URL of its REST API."""

    def __init__(self, options: TwilioOptions, url: str) -> None:
        self.options = options
        self.url = url
        self.lock = threading.Lock()
        self.conduct = Conduct.at_start(options)
        self.background = Background()
        self._begin()

    def reset(self) -> None:
        """Delete everything except the account, `deliver_to`, and the number in the options."""
        self.background.stop()
        self.background = Background()
        kept = self.conduct
        self.conduct = Conduct.at_start(self.options)
        self.conduct.account_sid, self.conduct.auth_token = kept.account_sid, kept.auth_token
        self.conduct.deliver_to = kept.deliver_to
        self._begin()

    def _begin(self) -> None:
        self.webhooks = WebhookSender(self.conduct)
        self.messages: deque[Resource] = deque(maxlen=_KEPT)
        self.calls: deque[Resource] = deque(maxlen=_KEPT)
        self.numbers: dict[str, Resource] = {}
        self.applications: dict[str, Resource] = {}
        self.services: dict[str, Resource] = {}
        self.regions: dict[str, str] = {}
        self.contacts: dict[str, Callee] = {}
        self.live = LiveCalls()
        self.failing: dict[str, tuple[str, int]] = {}
        self.opted_out: deque[tuple[str, str]] = deque(maxlen=_KEPT)
        base = self.options.base_url
        self.add_number(self.options.number, sms_url=f"{base}/sms", voice_url=f"{base}/voice", status=f"{base}/status")

    def add_number(self, number: str, *, status: str = "", voice_region: str = "us1", **settings: object) -> Resource:
        """Add a number to the account. `status` is the URL of its status callback."""
        resource = resources.number(self.conduct.account_sid, number, {"status_callback": status, **settings})
        self.regions[number] = voice_region
        self.numbers[str(resource["sid"])] = resource
        return resource

    def add_application(self, **urls: str) -> Resource:
        """Add an application with `sms_url` and `voice_url`."""
        application = resources.application(self.conduct.account_sid, urls)
        self.applications[str(application["sid"])] = application
        return application

    def add_service(self, numbers: Sequence[str], **settings: object) -> Resource:
        """Add a messaging service with these numbers. `settings` are fields of its resource."""
        sids = [str(each["sid"]) for each in self.numbers.values() if each["phone_number"] in numbers]
        service = resources.service(self.conduct.account_sid, sids, settings)
        self.services[str(service["sid"])] = service
        return service

    def service_of(self, number: Resource) -> Resource | None:
        """The messaging service that gets the texts of a number, or None."""
        services = (each for each in self.services.values() if number["sid"] in each["files"])
        return next((each for each in services if not each["use_inbound_webhook_on_number"]), None)

    def number(self, phone_number: str) -> Resource | None:
        """The resource of a number, or None."""
        bare = phone_number.removeprefix("whatsapp:")
        return next((each for each in tuple(self.numbers.values()) if each["phone_number"] == bare), None)

    def new_message(self, form: dict[str, str], media: Sequence[str], direction: str) -> Resource:
        """Store a message."""
        message = resources.message(self.conduct.account_sid, form, media, direction)
        with self.lock:
            self.messages.append(message)
        return message

    def new_call(self, form: dict[str, str], direction: str) -> Resource:
        """Store a call."""
        call = resources.call(self.conduct.account_sid, form, direction)
        with self.lock:
            self.calls.append(call)
        return call

    def fate(self, message: Resource) -> tuple[str, int]:
        """The last status of an outgoing message, and its error code."""
        to = str(message["to"])
        return self.failing.get(to) or failures.fate(to)
