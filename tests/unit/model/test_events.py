"""Events: when two webhooks are the same, and which parts of a status callback count."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone

import pytest

from twilio_binding.model.events import (
    Endpoint,
    Event,
    Webhook,
    call_event,
    date_state,
    gather_event,
    message_event,
    status_event,
)

_NOW = datetime(2026, 11, 24, 8, 30, tzinfo=UTC)
_PHONE = "twilio:phone:a:b"
_SENT = {"MessageSid": "SM1", "MessageStatus": "sent"}
_CALL = {"CallSid": "CA1", "CallStatus": "completed"}


def _webhook(
    endpoint: Endpoint, fields: dict[str, str], *, thing: str = _PHONE, token: str = "", query: str = ""
) -> Webhook:
    return Webhook(thing=thing, endpoint=endpoint, fields=fields, token=token, query={"menu": query} if query else {})


def _status(fields: dict[str, str], *, thing: str = _PHONE, token: str = "") -> Event:
    event = status_event(_webhook("status", fields, thing=thing, token=token), lifetime=1)
    assert event is not None
    return event


def _message(fields: dict[str, str], *, thing: str = _PHONE, token: str = "", endpoint: Endpoint = "sms") -> Event:
    return message_event(_webhook(endpoint, fields, thing=thing, token=token), _NOW, lifetime=1)


def test_same_message() -> None:
    """A message is the same by its SID, whatever else differs."""
    first = _message({"MessageSid": "SM1", "Body": "Hi"}, token="T1")
    second = _message({"MessageSid": "SM1", "Body": "Ho"}, token="T2", endpoint="whatsapp")
    assert first.sid_key == second.sid_key != ""


@pytest.mark.parametrize("other", [{"MessageSid": "SM2"}, {"MessageSid": ""}, {}])
def test_other_messages(other: dict[str, str]) -> None:
    """Another SID is another message; without a SID no messages are the same."""
    assert _message(other).sid_key not in (_message({"MessageSid": "SM1"}).sid_key, "\n")
    if not other.get("MessageSid"):
        assert _message(other).sid_key == ""


def test_same_message_for_another_thing() -> None:
    """The same SID at another phone is another event."""
    fields = {"MessageSid": "SM1"}
    assert _message(fields).sid_key != _message(fields, thing="twilio:phone:a:c").sid_key


@pytest.mark.parametrize(
    ("first", "second"),
    [
        (_SENT, _SENT | {"MessageStatus": "delivered"}),
        (_SENT, _SENT | {"MessageSid": "SM2"}),
        (_CALL, _CALL | {"CallStatus": "busy"}),
        (_CALL, _CALL | {"SequenceNumber": "1"}),
        (_CALL | {"SequenceNumber": "1"}, _CALL | {"SequenceNumber": "2"}),
        (_CALL, _CALL | {"RecordingSid": "RE1"}),
        ({"CallSid": "CA1", "RecordingSid": "RE1"}, {"CallSid": "CA1", "RecordingSid": "RE2"}),
        ({"CallSid": "CA1", "AnsweredBy": "human"}, {"CallSid": "CA1"}),
        ({"CallSid": "CA1", "TranscriptionSid": "TR1"}, {"CallSid": "CA1", "TranscriptionSid": "TR2"}),
    ],
)
def test_other_status_callbacks(first: dict[str, str], second: dict[str, str]) -> None:
    """Status, sequence number, recording and transcription distinguish callbacks of one SID."""
    assert _status(first).sid_key != _status(second).sid_key


def test_same_status_callback() -> None:
    """The same status of the same SID is the same event even if other fields differ; without a SID there is no event."""
    assert _status(_SENT).sid_key == _status(_SENT | {"RawDlrDoneDate": "2611240830"}).sid_key
    assert _status({"MessageSid": "", "MessageStatus": "sent"}).sid_key == ""


def test_call_and_message_of_one_text() -> None:
    """Kinds of events never share a key."""
    keys = {
        _message({"MessageSid": "X"}).sid_key,
        _status({"MessageSid": "X"}).sid_key,
        _message({}, token="X").token_key,
        _message({}, token="X", endpoint="whatsapp").token_key,
    }
    assert len(keys) == 4


def test_calls_are_the_same_by_token_only() -> None:
    """Voice and gather have no key of their own: pressing 1 twice counts twice."""
    for event in (
        call_event(_webhook("voice", _CALL), _NOW, lifetime=1),
        gather_event(_webhook("gather", _CALL), lifetime=1),
    ):
        assert (event.sid_key, event.token_key) == ("", "")
    with_token = call_event(_webhook("voice", _CALL, token="T"), _NOW, lifetime=1)
    gather = gather_event(_webhook("gather", _CALL, token="T"), lifetime=1)
    assert with_token.token_key != gather.token_key


def test_urgency() -> None:
    """Only what a caller waits for is urgent."""
    assert call_event(_webhook("voice", {}), _NOW, lifetime=1).urgent
    assert gather_event(_webhook("gather", {}), lifetime=1).urgent
    assert not _message({}).urgent
    assert not _status(_CALL).urgent


@pytest.mark.parametrize("fields", [{}, {"SmsSid": "SM1"}, {"messagesid": "SM1"}])
def test_status_about_nothing(fields: dict[str, str]) -> None:
    """Without a MessageSid or a CallSid there is no event."""
    assert status_event(_webhook("status", fields), lifetime=1) is None


def test_dates() -> None:
    """A date has milliseconds and the server's offset, as openHAB reads it."""
    moment = datetime(2026, 11, 24, 8, 30, 15, 987654, tzinfo=timezone(timedelta(hours=5, minutes=45)))
    assert date_state(moment) == "2026-11-24T08:30:15.987+05:45"
