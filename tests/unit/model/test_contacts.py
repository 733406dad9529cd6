"""Contacts from a file: checks, their messages, and that one invalid contact affects no other thing."""

from __future__ import annotations

from datetime import datetime, time

import pytest

from twilio_binding.dsl import parse_things
from twilio_binding.model.configuration import Problem, load_or_keep, load_things, storable_node
from twilio_binding.model.contacts import Contact
from twilio_binding.model.pins import Pin
from twilio_binding.model.quiet_hours import QuietHours
from twilio_binding.model.things import Things

_SID = "AC" + "0" * 32
_ACCOUNT = f'Bridge twilio:account:a [ accountSid="{_SID}", authToken="hidden" ] {{\n'
_PHONE = '  Thing phone p [ phoneNumber="+15551234567" ]\n'
_NUMBER = 'phoneNumber="+15557654321"'


def _load(*lines: str, phones: str = _PHONE) -> tuple[Things, list[Problem]]:
    return load_things(parse_things(_ACCOUNT + phones + "".join(f"  {line}\n" for line in lines) + "}\n", "f"))


def _the_contact(parameters: str, *more: str, phones: str = _PHONE) -> Contact:
    things, problems = _load(f'Thing contact ada "Ada" [ {parameters} ]', *more, phones=phones)
    assert problems == []
    return things.contacts["twilio:contact:a:ada"]


def test_defaults() -> None:
    """A contact only needs a number: the account's only phone reaches it, by SMS, and it has no rights."""
    ada = _the_contact('phoneNumber="+1 555 765-4321"')
    assert (ada.label, ada.bridge, ada.phone) == ("Ada", "twilio:account:a", "twilio:phone:a:p")
    assert (ada.phone_number, ada.via, ada.address) == ("+15557654321", "sms", "+15557654321")
    assert (ada.language, ada.voice, ada.rights, ada.pin, ada.quiet_hours, ada.fallback) == (
        "", "", frozenset(), None, None, "",
    )  # fmt: skip


@pytest.mark.parametrize(
    ("written", "label"),
    [
        ("Ada Lovelace", "Ada Lovelace"),
        (" Ada \\n Lovelace ", "Ada Lovelace"),
        ("  ", "ada"),
        ("A" * 80, "A" * 80),
        ("Ada " * 200, "Ada " * 19 + "A..."),
    ],
)
def test_labels_in_texts(written: str, label: str) -> None:
    """One line, that leaves room for what the text is about."""
    things, _ = _load(f'Thing contact ada "{written}" [ {_NUMBER} ]')
    assert things.contacts["twilio:contact:a:ada"].label == label and len(label) <= 80


def test_everything() -> None:
    """Every parameter is used; rights can be one text or a list, and IDs or UIDs name other things."""
    parameters = (
        f'{_NUMBER}, phone="q", via="whatsapp", language="pt_BR", voice="Polly.Camila-Neural", '
        'rights="read, command", pin="4711", quietHours="22:00 - 7:00", fallback="twilio:contact:a:bob"'
    )
    bob = 'Thing contact bob [ phoneNumber="+15557654322", phone="twilio:phone:a:q", rights="read","acknowledge" ]'
    phones = _PHONE + '  Thing phone q [ phoneNumber="+15551234568" ]\n'
    ada = _the_contact(parameters, bob, phones=phones)
    assert (ada.phone, ada.address, ada.language) == ("twilio:phone:a:q", "whatsapp:+15557654321", "pt-BR")
    assert ada.may("read") and ada.may("command") and not ada.may("acknowledge")
    assert ada.pin is not None and ada.pin.matches("4711") and not ada.pin.matches("4712")
    assert ada.quiet_hours == QuietHours(begin=time(22), end=time(7))
    assert ada.fallback == "twilio:contact:a:bob"


@pytest.mark.parametrize(
    ("parameters", "error"),
    [
        ("", "f:3:3: error: twilio:contact:a:ada: phoneNumber: Phone number is required"),
        (f'{_NUMBER}, phone="q"', "f:3:51: error: twilio:contact:a:ada: phone: unknown phone q"),
        (f'{_NUMBER}, phone="not an id"', "f:3:51: error: twilio:contact:a:ada: phone: unknown phone not an id"),
        (f'{_NUMBER}, via="pigeon"', "f:3:51: error: twilio:contact:a:ada: via: the value must be sms or whatsapp"),
        (
            f'{_NUMBER}, rights="read,comand"',
            (
                "f:3:51: error: twilio:contact:a:ada: rights: unknown value 'comand'; did you mean command?; "
                "use read, command, acknowledge"
            ),
        ),
        (f"{_NUMBER}, rights=true", "f:3:51: error: twilio:contact:a:ada: rights: the values must be text in quotes"),
        (f'{_NUMBER}, pin="12"', "f:3:51: error: twilio:contact:a:ada: pin: a PIN must be 4 to 12 digits in quotes"),
        (f"{_NUMBER}, pin=4711", "f:3:51: error: twilio:contact:a:ada: pin: the value must be text in quotes"),
        (
            f'{_NUMBER}, quietHours="22-7"',
            "f:3:51: error: twilio:contact:a:ada: quietHours: not quiet hours; use the form 22:00-07:00",
        ),
        (
            f'{_NUMBER}, quietHours="25:00-07:00"',
            "f:3:51: error: twilio:contact:a:ada: quietHours: not quiet hours; use the form 22:00-07:00",
        ),
        (
            f'{_NUMBER}, language="English, please"',
            "f:3:51: error: twilio:contact:a:ada: language: not a language; use a tag such as en, de or pt-BR",
        ),
    ],
)
def test_contacts_that_cannot_be_used(parameters: str, error: str) -> None:
    """Each error names place, thing and parameter and what is valid, and affects nothing else; no PIN is shown."""
    things, problems = _load(f"Thing contact ada [ {parameters} ]", f"Thing contact bob [ {_NUMBER} ]")
    assert [str(problem) for problem in problems] == [error]
    assert list(things.contacts) == ["twilio:contact:a:bob"]
    assert "twilio:phone:a:p" in things.phones
    (broken,) = things.broken
    assert (broken.bridge, broken.phone_number) == ("twilio:account:a", "")


def test_which_phone() -> None:
    """With several phones, one must be named; with none, the contact cannot be used."""
    two = _PHONE + '  Thing phone q [ phoneNumber="+15551234568" ]\n'
    _, (problem,) = _load(f"Thing contact ada [ {_NUMBER} ]", phones=two)
    assert str(problem).endswith("phone: twilio:account:a has 2 phones; set this parameter to one of them: p, q")
    _, (problem,) = _load(f"Thing contact ada [ {_NUMBER} ]", phones="")
    assert str(problem).endswith("phone: twilio:account:a has no phone that can be used")
    broken = _PHONE + "  Thing phone q []\n"
    things, (_, problem) = _load(f'Thing contact ada [ {_NUMBER}, phone="q" ]', phones=broken)
    assert str(problem).endswith("phone: the phone q cannot be used")
    assert "twilio:phone:a:p" in things.phones


@pytest.mark.parametrize(
    ("parameters", "warning"),
    [
        ('phoneNumber="+15557654321", fallback="eve"', "unknown contact eve; the contact has no fallback"),
        (
            'phoneNumber="+15557654321", fallback="ada"',
            "a contact cannot be its own fallback; the contact has no fallback",
        ),
        ('phoneNumber="+15557654321", fallback="bad"', "the contact bad cannot be used; the contact has no fallback"),
        ('phoneNumber="+15551234567"', "this is your own number twilio:phone:a:p; enter the number of the person"),
        (
            'phoneNumber="+15557654329"',
            "twilio:contact:a:bob has the same number; messages from it are assigned to twilio:contact:a:bob",
        ),
        ('phoneNumber="+15557654321", colour="red"', "unknown parameter"),
    ],
)
def test_contacts_that_can_be_used_all_the_same(parameters: str, warning: str) -> None:
    """An invalid optional parameter does not make a contact unusable: alarms must still reach it."""
    things, problems = _load(
        'Thing contact bob [ phoneNumber="+15557654329" ]',
        "Thing contact bad []",
        f"Thing contact ada [ {parameters} ]",
    )
    assert [problem.text for problem in problems if problem.severity == "warning"] == [warning]
    assert things.contacts["twilio:contact:a:ada"].fallback == ""


def test_contact_without_account() -> None:
    """A contact must be in an account."""
    things, problems = load_things(parse_things(f"Thing twilio:contact:b:ada [ {_NUMBER} ]\nThing contact ada []", "f"))
    assert [problem.text for problem in problems] == [
        "the bridge twilio:account:b is not configured",
        "the thing is not inside a bridge, so write the full UID: twilio:contact:ada",
    ]
    assert things.contacts == {}


def test_secrets_do_not_show() -> None:
    """The repr of a contact contains neither number nor PIN."""
    shown = repr(_the_contact(f'{_NUMBER}, pin="4711"'))
    assert "4711" not in shown and "+15557654321" not in shown


def test_contact_that_is_mistyped_stays_as_it_was() -> None:
    """A contact in a file that becomes unusable stays as it was, with its PIN."""
    good = parse_things(f'{_ACCOUNT}{_PHONE}  Thing contact ada [ {_NUMBER}, pin="47110815" ]\n}}\n', "f")
    bad = parse_things(f'{_ACCOUNT}{_PHONE}  Thing contact ada [ {_NUMBER}, pin="x" ]\n}}\n', "f")
    stored = {node.uid: storable_node(node) for node in load_or_keep(good, {}).good.values()}
    assert "47110815" not in repr(stored)
    loaded = load_or_keep(bad, stored)
    ada = loaded.things.contacts["twilio:contact:a:ada"]
    assert ada.pin is not None and ada.pin.matches("47110815") and not ada.pin.matches("47110816")
    assert "pin: a PIN must be 4 to 12 digits" in loaded.things.kept[ada.uid]


def test_pins() -> None:
    """A PIN is stored with a new salt each time, and matches only itself."""
    pin = Pin.read("00420815")
    assert pin is not None and Pin.read("42") is None and Pin.read("4711x") is None and Pin.read("٤٧١١") is None
    one, other = pin.salted(), pin.salted()
    assert one != other and "00420815" not in one and "00420815" not in repr(pin)
    stored = Pin.read(one)
    assert stored is not None and stored.matches("00420815") and not stored.matches("420815") and not stored.matches("")
    assert stored.salted() == one


@pytest.mark.parametrize(
    ("hours", "now", "end"),
    [
        ("22:00-07:00", "2026-07-01T21:59", None),
        ("22:00-07:00", "2026-07-01T22:00", "2026-07-02T07:00"),
        ("22:00-07:00", "2026-07-02T06:59", "2026-07-02T07:00"),
        ("22:00-07:00", "2026-07-02T07:00", None),
        ("12:00-14:30", "2026-07-01T13:00", "2026-07-01T14:30"),
        ("12:00-14:30", "2026-07-01T14:30", None),
        ("12:00-14:30", "2026-07-01T11:59", None),
    ],
)
def test_quiet_hours(hours: str, now: str, end: str | None) -> None:
    """They end on the same day or after midnight; the minute of the end is not quiet."""
    ends = QuietHours.read(hours).end_after(datetime.fromisoformat(now).astimezone())
    assert (ends.replace(tzinfo=None).isoformat(timespec="minutes") if ends else None) == end
