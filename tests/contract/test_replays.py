"""A captured webhook of Twilio has no effect when it is sent again, or split into other fields.

The signature covers names and values without separators, so every other split is signed, too.
"""

from __future__ import annotations

import json
import random
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.conftest import Announced
from tests.contract.house import ACCOUNT_SID, PHONE, PUBLIC_URL, TOKEN, House
from tests.contract.signing import Pairs, sign
from tests.sids import sid
from twilio_binding.protocol.errors import Refusal

_RECORDED = [
    json.loads(line)
    for line in (Path(__file__).parents[1] / "data" / "webhooks.jsonl").read_text(encoding="utf-8").splitlines()
]
_OWNER, _STRANGER = "+15550000001", "+15559999999"
_MESSAGE = {
    "AccountSid": ACCOUNT_SID,
    "ApiVersion": "2010-04-01",
    "Body": "Hi",
    "From": _STRANGER,
    "FromCity": "COLEMAN",
    "MessageSid": sid("SM"),
    "NumMedia": "0",
    "SmsMessageSid": sid("SM"),
    "SmsSid": sid("SM"),
    "To": "+15551234567",
}
_CALL = {
    "AccountSid": ACCOUNT_SID,
    "CallSid": sid("CA"),
    "CallStatus": "in-progress",
    "Digits": "12",
    "From": _STRANGER,
    "To": "+15551234567",
}


def _written(pairs: Pairs) -> str:
    return "".join(name + value for name, value in sorted(pairs))


def _others(pairs: Pairs, seed: int, count: int) -> Iterator[Pairs]:
    """The same text split in other ways: a border moved, removed or added."""
    choose = random.Random(seed)
    ordered, found = sorted(pairs), 0
    for _ in range(count * 40):
        at = choose.randrange(len(ordered))
        name, value = ordered[at]
        before, after = ordered[:at], ordered[at + 1 :]
        text = name + value
        cut = choose.randrange(1, len(text) + 1)
        kind = choose.randrange(3)
        if kind == 0:
            other = [*before, (text[:cut], text[cut:]), *after]
        elif kind == 1 and after:
            other = [*before, (name, value + "".join(after[0])), *after[1:]]
        else:
            end = choose.randrange(cut, len(text) + 1)
            other = [*before, (name, text[len(name) : cut]), (text[max(cut, len(name)) : end], text[end:]), *after]
        if other != ordered and all(each for each, _ in other) and _written(other) == _written(ordered):
            found += 1
            yield other
        if found == count:
            return


def _signed(house: House, endpoint: str, pairs: Pairs, of: Pairs) -> int:
    signature = sign(TOKEN, f"{PUBLIC_URL}/twilio/callback/{PHONE}/{endpoint}", of)
    return house.post(endpoint, pairs, signature=signature).status


@pytest.mark.parametrize("recorded", _RECORDED[::3], ids=lambda recorded: str(recorded["id"]))
def test_another_way_to_take_it_apart(house: House, announced: Announced, recorded: dict[str, object]) -> None:
    """After a request of Twilio, no other reading of the signed text has an effect."""
    announced("webhook.replayed", "webhook.forged")
    endpoint = str(recorded["endpoint"])
    form: list[list[str]] = recorded["form"]  # type: ignore[assignment]
    pairs = [(name, ACCOUNT_SID if name == "AccountSid" else value) for name, value in form]
    assert _signed(house, endpoint, pairs, pairs) == 200
    before = house.events()
    for other in _others(pairs, 1, 25):
        assert _signed(house, endpoint, other, pairs) in (200, 400, 403)
        assert house.events() == before, other


def _moved(fields: dict[str, str], **changes: str) -> list[tuple[str, str]]:
    """The fields with some removed ("") and others added."""
    return [(name, value) for name, value in (fields | changes).items() if value != "-"]


@pytest.mark.parametrize(
    ("endpoint", "original", "other"),
    [
        ("sms", _MESSAGE, [*_moved(_MESSAGE, MessageSid="-"), ("MessageSid" + sid("SM"), "")]),
        ("sms", _MESSAGE, [*_moved(_MESSAGE, MessageSid="-"), ("MessageSi", "d" + sid("SM"))]),
        (
            "sms",
            _MESSAGE,
            [*_moved(_MESSAGE, MessageSid="-", FromCity="-"), ("FromCity", f"COLEMANMessageSid{sid('SM')}")],
        ),
        ("sms", _MESSAGE, [*_moved(_MESSAGE, Body="-"), ("BodyHi", "")]),
        ("sms", _MESSAGE, [*_moved(_MESSAGE, Body="-"), ("Bod", "yHi")]),
        ("sms", _MESSAGE, [*_moved(_MESSAGE, From="-"), ("From+", _STRANGER[1:])]),
        ("sms", _MESSAGE, [*_moved(_MESSAGE, NumMedia="-"), ("NumMedia0", "")]),
        (
            "sms",
            _MESSAGE | {"Body": f"open From{_OWNER}"},
            [*_moved(_MESSAGE, Body="open ", From=_OWNER), (f"From{_STRANGER}", "")],
        ),
        (
            "sms",
            _MESSAGE | {"Body": f"open From{_OWNER}From"},
            [*_moved(_MESSAGE, Body="open ", From=_OWNER), ("From", f"From{_STRANGER}")],
        ),
        (
            "sms",
            _MESSAGE | {"Body": f"open From{_OWNER}FromA", "From": "whatsapp:" + _STRANGER},
            [*_moved(_MESSAGE, Body="open ", From=_OWNER), ("FromA", f"Fromwhatsapp:{_STRANGER}")],
        ),
        (
            "sms",
            _MESSAGE | {"Body": f"open From{_OWNER}MessageSid{sid('SM', 2)}To+15551234567Z"},
            [
                *list(_MESSAGE.items())[:2],
                ("Body", "open "),
                ("From", _OWNER),
                ("MessageSid", sid("SM", 2)),
                ("To", "+15551234567"),
                ("Z", _written(list(_MESSAGE.items())[3:])),
            ],
        ),
        ("gather", _CALL, [*_moved(_CALL, CallSid="-"), ("CallSid" + sid("CA"), "")]),
        ("gather", _CALL, [*_moved(_CALL, Digits="-"), ("Digits1", "2")]),
        ("gather", _CALL, [*_moved(_CALL, Digits="-"), ("Digit", "s12")]),
        ("voice", _CALL, [*_moved(_CALL, CallStatus="-"), ("CallStatusin", "-progress")]),
        ("status", _CALL, [*_moved(_CALL, CallStatus="-"), ("CallStatu", "sin-progress")]),
    ],
)
def test_what_cannot_come_from_twilio(
    house: House, endpoint: str, original: dict[str, str], other: list[tuple[str, str]]
) -> None:
    """A moved border between fields is found even if the original never arrived; the original is accepted."""
    of = list(original.items())
    assert _written(other) == _written(of)
    assert _signed(house, endpoint, other, of) == 400
    assert house.events() == []
    assert _signed(house, endpoint, of, of) == 200
    assert len(house.events()) == 1


@pytest.mark.parametrize(
    "value", ["", "SM1", "sm" + "0" * 32, "CA" + "0" * 32, sid("SM") + "0", sid("SM") + "\n", "SM" + "g" * 32]
)
@pytest.mark.parametrize("endpoint", ["sms", "whatsapp", "voice", "gather"])
def test_malformed_sids(house: House, endpoint: str, value: str) -> None:
    """Without a well-formed SID, copies cannot be recognised: such a message or call is refused."""
    name = "MessageSid" if endpoint in ("sms", "whatsapp") else "CallSid"
    value = value.replace("SM", "CA") if name == "CallSid" and not value.startswith("CA") else value
    value = "" if value == sid("CA", 0) and name == "CallSid" else value
    assert house.post(endpoint, {name: value, "From": _STRANGER}).status == 400
    assert house.events() == []


def test_older_names_of_the_sid(house: House) -> None:
    """A message with its SID only under its older names has a key, too."""
    pairs = [("SmsSid", sid("SM")), ("From", _STRANGER), ("Body", "Hi")]
    assert [house.post("sms", pairs).status for _ in range(2)] == [200, 200]
    assert len(house.events()) == 1


def test_after_the_texts_are_gone(house: House, announced: Announced) -> None:
    """Stored webhooks are recognised long after their texts were deleted: messages, statuses, and answers to STOP and START."""
    announced("webhook.replayed")
    start = [*_moved(_MESSAGE, Body="START")]
    stop = [
        *_moved(
            _MESSAGE,
            Body="STOP",
            OptOutType="STOP",
            MessageSid=sid("SM", 2),
            SmsSid=sid("SM", 2),
            SmsMessageSid=sid("SM", 2),
        )
    ]
    status = [("MessageSid", sid("SM")), ("MessageStatus", "sent")]
    for endpoint, pairs in (("sms", start), ("sms", stop), ("status", status)):
        assert house.post(endpoint, pairs).status == 200
    with pytest.raises(Refusal, match="opted out"):
        house.opt_outs.check(_MESSAGE["To"], _STRANGER)
    for lane in ("openhab", "mqtt"):
        house.journal.delivered(lane, house.journal.pending(lane, urgent=False, limit=100)).result()
    assert house.journal.forget(older_than=-1) == 3
    for endpoint, pairs in (("sms", start), ("status", status)):
        assert house.post(endpoint, pairs, idempotency="made up").status == 200
    assert house.events() == []
    with pytest.raises(Refusal, match="opted out"):
        house.opt_outs.check(_MESSAGE["To"], _STRANGER)


def test_call_that_is_over(house: House, announced: Announced, monkeypatch: pytest.MonkeyPatch) -> None:
    """During a call, the same keys can be pressed again; a minute after its end they fire nothing, and do not wait."""
    announced("webhook.replayed")
    house.listening = {f"{PHONE}:dtmf-received"}
    status = {"CallSid": sid("CA"), "CallStatus": "completed"}

    def press() -> int:
        house.post("gather", _CALL)
        return len(house.events())

    house.listening.clear()
    assert [press(), press()] == [1, 2]
    house.post("status", status)
    assert press() == 4
    later = house.journal._clock() + 61
    monkeypatch.setattr(house.journal, "_clock", lambda: later)
    house.listening.add(f"{PHONE}:dtmf-received")
    assert press() == 4
