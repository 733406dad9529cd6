"""Replies of rules to texts, and texts without a reply."""

from __future__ import annotations

import threading
import time

import pytest

from twilio_binding.model.actions import MakeCall, Send, SendMessage
from twilio_binding.people.rule_replies import RuleReplies

ADA, BOB = "+15557654321", "+15557654322"
CHANNELS = ("twilio:phone:a:p:sms-received", "twilio:contact:a:ada:message-received")


def _text(*to: str, alarm: bool = False) -> SendMessage:
    return SendMessage(to=to, body="Sunny.", alarm=alarm)


@pytest.mark.parametrize("channel", CHANNELS)
@pytest.mark.parametrize("heard", [True, None])
def test_a_rule_that_answers_is_waited_for(channel: str, *, heard: bool | None) -> None:
    """Even if it is unknown whether there is one."""
    replies = RuleReplies(lambda _: False, lambda uid: heard if uid == channel else False, wait=30)
    began = time.monotonic()
    rule = threading.Timer(0.2, replies.note, [_text(BOB, ADA)])
    rule.start()
    assert replies.is_answered(ADA, CHANNELS, began)
    assert time.monotonic() - began < 20
    rule.join()


def test_a_rule_may_be_faster_than_the_webhook() -> None:
    """A text that was sent since the webhook arrived counts, an earlier one does not."""
    replies = RuleReplies(lambda _: True, wait=0.05)
    replies.note(_text(ADA))
    began = time.monotonic()
    assert not replies.is_answered(ADA, CHANNELS, began)
    replies.note(_text(ADA))
    assert replies.is_answered(ADA, CHANNELS, began)


def test_replies_by_whatsapp() -> None:
    """A rule that replies by WhatsApp has replied as well."""
    replies = RuleReplies(lambda _: True, wait=0.05)
    began = time.monotonic()
    replies.note(_text(f"whatsapp:{ADA}"))
    assert replies.is_answered(ADA, CHANNELS, began)


@pytest.mark.parametrize("send", [_text(BOB), _text(ADA, alarm=True), MakeCall(to=(ADA,), twiml="<Response/>")])
def test_other_sends_are_no_answer(send: Send) -> None:
    """Sends to others, calls, and sends of alarms."""
    replies = RuleReplies(lambda _: True, wait=0.05)
    began = time.monotonic()
    replies.note(send)
    assert not replies.is_answered(ADA, CHANNELS, began)


def test_nobody_is_waited_for_where_nobody_listens() -> None:
    """But a program that replied without announcing that it listens is waited for the next time."""
    replies = RuleReplies(lambda _: False, wait=30)
    began = time.monotonic()
    assert not replies.is_answered(ADA, CHANNELS, began)
    assert time.monotonic() - began < 10
    replies.note(_text(ADA))
    began = time.monotonic()
    program = threading.Timer(0.2, replies.note, [_text(ADA)])
    program.start()
    assert replies.is_answered(ADA, CHANNELS, began)
    program.join()


@pytest.mark.parametrize(("to", "alarm"), [(ADA, False), (f"whatsapp:{ADA}", False), (ADA, True)])
def test_a_text_in_between(to: str, *, alarm: bool) -> None:
    """A text of a rule or an alarm ends the time in which words without a name mean an item; one to somebody else does not."""
    replies = RuleReplies(wait=0.05)
    replies.note(_text(BOB))
    before = replies.seconds_since(ADA)
    assert before >= 0
    replies.note(_text(to, alarm=alarm))
    assert replies.seconds_since(ADA) < before
