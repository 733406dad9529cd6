"""One text to yourself, on request: sent, delivered, and your answer to it in an item."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass

from twilio_binding.doctor.case import Case
from twilio_binding.doctor.links.broker import open_trial
from twilio_binding.doctor.links.link import Link
from twilio_binding.doctor.links.twilio_account import cure_of
from twilio_binding.doctor.results import LinkResult, failed, ok, skipped, warning
from twilio_binding.errors import DependencyDownError, OutcomeUnknownError, TwilioError
from twilio_binding.masking import mask_number
from twilio_binding.model.actions import SendMessage
from twilio_binding.model.error_meanings import meaning
from twilio_binding.model.message_statuses import ARRIVED, FAILED
from twilio_binding.model.numbers import parse_recipient
from twilio_binding.model.things import Account, Phone
from twilio_binding.mqtt import BrokerTrial, Client
from twilio_binding.openhab import ItemLinks, OpenHABRefusedError, OpenHABRequests, RestClient
from twilio_binding.protocol.errors import TwilioBindingError
from twilio_binding.protocol.topics import Topics
from twilio_binding.twilio_api import TwilioAccounts, TwilioGateway

_TEXT = "Test of Twilio for openHAB. Answer this text with any word to see it arrive."
_DELIVERY, _CALLBACK, _ITEM, _PAUSE = 60.0, 10.0, 15.0, 1.0
_FINAL = ARRIVED | FAILED
_never = threading.Event()


@dataclass(frozen=True, slots=True, kw_only=True)
class _Text:
    """The sent text: its phone, recipient, and SID at Twilio."""

    account: Account
    phone: Phone
    to: str
    sid: str
    began: float


def look(case: Case) -> Iterator[LinkResult]:
    """Sends through the service if it is running, otherwise directly through Twilio; costs one text."""
    phones = [phone for phone in case.things.phones.values() if phone.bridge in case.accounts_up]
    if not phones:
        yield skipped("not sent: no account with a phone can be used")
        return
    try:
        to = parse_recipient(case.wishes.send_to)
    except (TwilioBindingError, ValueError) as error:
        yield failed(f"--send: {error}", "write the number as +15557654321")
        return
    phone = phones[0]
    if not (case.is_running and case.is_broker_up):
        yield from _directly(case, phone, to)
        return
    topics = Topics(base=case.settings.mqtt.base_topic)
    with open_trial(case) as trial:
        trial.wait(5)
        for channel in ("message-status", "sms-received"):
            trial.subscribe(topics.event(phone.uid, channel), 3)
        yield from _through_the_service(case, trial, topics, phone, to)


def _directly(case: Case, phone: Phone, to: str) -> Iterator[LinkResult]:
    account, began = case.things.account_of(phone), time.monotonic()
    try:
        sent = TwilioGateway(case.clients).send(account, phone, SendMessage(to=(to,), body=_TEXT), to, callback=None)
    except (TwilioError, OutcomeUnknownError) as error:
        yield _refused(error.code, str(error), phone.uid, cure_of(error))
        return
    text = _Text(account=account, phone=phone, to=to, sid=sent.sid, began=began)
    yield _taken(text, sent.status, "the doctor, because the service is not running")
    yield from _delivery(case, text)
    yield skipped("not waiting for your answer: the service is not running")


def _through_the_service(case: Case, trial: BrokerTrial, topics: Topics, phone: Phone, to: str) -> Iterator[LinkResult]:
    settings, began = case.settings.mqtt, time.monotonic()
    try:
        with Client(
            settings.url.get_secret_value(), base=settings.base_topic, timeout=30.0, ca_file=settings.ca_file
        ) as client:
            result = client.call(phone.uid, "sendSMS", {"to": to, "message": _TEXT})
    except (ConnectionError, TwilioBindingError) as error:
        yield failed(f"the request did not reach the service: {error}", "see the links to the broker", about=phone.uid)
        return
    if not result:
        yield _refused(result.code, result.message, phone.uid, "see the cause; docs/troubleshooting.md lists it")
        return
    text = _Text(account=case.things.account_of(phone), phone=phone, to=to, sid=result.sid, began=began)
    yield _taken(text, result.status, "the service")
    yield from _delivery(case, text)
    yield _callback(trial, topics, text)
    if case.wishes.answer_seconds > 0:
        yield from _answer(case, trial, topics, text)


def _taken(text: _Text, status: str, who: str) -> LinkResult:
    seconds = round(time.monotonic() - text.began, 1)
    told = f"sent by {who} to {mask_number(text.to)}: Twilio accepted it as {status} after {seconds} s"
    return ok(told, {"sid": text.sid, "status": status, "seconds": seconds}, about=text.phone.uid)


def _refused(code: str, message: str, about: str, cure: str) -> LinkResult:
    if code == "twilio.21608":
        cure = "a trial account sends to verified numbers only: verify this one in the Twilio Console, or upgrade the account"
    elif code in ("ceiling", "loop_guard"):
        cure = "wait, or raise the limits in the settings"
    return failed(f"the text was not sent: {message}", cure, {"code": code}, about=about)


def _delivery(case: Case, text: _Text) -> Iterator[LinkResult]:
    """Ask Twilio for the status until it is final."""
    accounts, times, error = TwilioAccounts(case.clients), dict[str, float](), ""
    while time.monotonic() < text.began + _DELIVERY:
        with suppress(TwilioError, OutcomeUnknownError):
            state = accounts.message(text.account, text.sid)
            times.setdefault(state.status, round(time.monotonic() - text.began, 1))
            error = state.error
            if state.status in _FINAL:
                break
        _never.wait(_PAUSE)
    last = next(reversed(times), "")
    way = ", ".join(f"{status} after {seconds} s" for status, seconds in times.items())
    facts = {"sid": text.sid, "seconds": times, "error": error}
    if last in ARRIVED:
        yield ok(f"delivered ({way})", facts, about=text.phone.uid)
    elif last in _FINAL:
        why = meaning(error) or "see the message's log in the Twilio Console"
        yield failed(f"not delivered: {last}, error {error or 'unknown'} ({way})", why, facts, about=text.phone.uid)
    else:
        cure = "look at your phone: some networks do not report the delivery; else see the message's log in the Twilio Console"
        yield warning(f"no delivery status within {_DELIVERY:.0f} s ({way or 'Twilio reported nothing'})", cure, facts)


def _callback(trial: BrokerTrial, topics: Topics, text: _Text) -> LinkResult:
    """Whether Twilio's status callbacks reach the service."""
    if text.account.base_url is None:
        return ok("note: without a public URL no status comes back to rules", about=text.phone.uid)
    topic = topics.event(text.phone.uid, "message-status")
    seconds = _awaited(trial, topic, lambda told: told.get("messageSid") == text.sid, _CALLBACK)
    if seconds is not None:
        return ok("its status came back to the service, through the public URL", about=text.phone.uid)
    return failed(
        "no status of it came back to the service",
        "see the link to the public URL; the Debugger in the Twilio Console shows the answers that Twilio got",
        about=text.phone.uid,
    )


def _answer(case: Case, trial: BrokerTrial, topics: Topics, text: _Text) -> Iterator[LinkResult]:
    wait, found = case.wishes.answer_seconds, dict[str, str]()
    yield ok(f"now answer that text with any word; waiting {wait:.0f} s", about=text.phone.uid)

    def is_answer(told: dict[str, object]) -> bool:
        found["body"] = str(told.get("body", ""))
        return told.get("from") == text.to

    seconds = _awaited(trial, topics.event(text.phone.uid, "sms-received"), is_answer, wait)
    if seconds is None:
        yield warning(
            f"no answer came within {wait:.0f} s",
            "if you have answered: see the links to the numbers and to the public URL",
            about=text.phone.uid,
        )
        return
    yield ok(f"your answer came after {seconds:.0f} s", {"seconds": round(seconds, 1)}, about=text.phone.uid)
    yield _item(case, text.phone, found["body"])


def _item(case: Case, phone: Phone, body: str) -> LinkResult:
    """Whether an item that is linked to the channel contains the answer."""
    requests, links = OpenHABRequests(case.settings.openhab), ItemLinks()
    try:
        rest = RestClient(requests)
        links.read(rest)
        items = [
            link.item for link in links.of(f"{phone.uid}:last-message-body") if link.profile in ("", "system:default")
        ]
        if not items:
            return ok("note: no item is linked to last-message-body, so none shows your answer", about=phone.uid)
        deadline = time.monotonic() + _ITEM
        while time.monotonic() < deadline:
            if rest.state(items[0]) == body:
                return ok(f"the item {items[0]} has your answer", {"item": items[0]}, about=phone.uid)
            _never.wait(0.1)
    except (DependencyDownError, OpenHABRefusedError) as error:
        return failed(f"the item could not be read: {error}", "see the links to openHAB", about=phone.uid)
    finally:
        requests.close()
    return failed(
        f"the item {items[0]} does not have your answer",
        "see what the service reports for openHAB, and check the link's profile",
        about=phone.uid,
    )


def _awaited(
    trial: BrokerTrial, topic: str, is_it: Callable[[dict[str, object]], bool], seconds: float
) -> float | None:
    """The seconds until an expected event arrived; None if it did not."""
    began = time.monotonic()
    while (left := began + seconds - time.monotonic()) > 0:
        message = trial.next(topic, left)
        if message is None:
            return None
        with suppress(ValueError, AttributeError):
            if is_it(json.loads(message.payload)):
                return time.monotonic() - began
    return None


LINK = Link(
    id="text",
    title="A text to yourself",
    look=look,
    seconds=lambda case: 60.0 + _DELIVERY + _CALLBACK + _ITEM + case.wishes.answer_seconds,
    applies=lambda case: bool(case.wishes.send_to),
)
