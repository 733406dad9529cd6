"""Writing an account and its phones into an existing `.things` file."""

from __future__ import annotations

import pytest

from twilio_binding.setup.errors import SetupError
from twilio_binding.setup.things_text import AccountText, read, written

SID = "AC" + "7a" * 16
URL = "https://home.example.com"


def _wanted(**more: object) -> AccountText:
    values: dict[str, object] = {"account_sid": SID, "auth_token": "abc", "numbers": {"+15551234567": "Mine"}}
    return AccountText(**(values | more))  # type: ignore[arg-type]


def _bridge(parameters: str, inside: str = "") -> str:
    return f'Bridge twilio:account:a "A" [ {parameters} ] {{\n{inside}}}\n'


def test_new_file() -> None:
    """A new file contains only what is needed."""
    assert written("", _wanted(public_url=URL)) == (
        f'Bridge twilio:account:myaccount "Twilio Account" [ accountSid="{SID}", authToken="abc", publicUrl="{URL}" ] {{\n'
        '    Thing phone myphone "Mine" [ phoneNumber="+15551234567" ]\n'
        "}\n"
    )


def test_file_with_other_things() -> None:
    """Other things stay, and the account is added."""
    after = written('Thing mqtt:topic:x "X"\n', _wanted())
    assert after.startswith('Thing mqtt:topic:x "X"\n\nBridge twilio:account:myaccount')


@pytest.mark.parametrize(
    ("before", "wanted", "after"),
    [
        (f'accountSid="{SID}", authToken="old"', {}, f'accountSid="{SID}", authToken="abc"'),
        (f'authToken = "old",accountSid="{SID}"', {}, f'authToken="abc",accountSid="{SID}"'),
        (f'accountSid="{SID}", authToken="abc", publicUrl="https://old.example.com"', {}, f'accountSid="{SID}", authToken="abc"'),
        (f'publicUrl="https://old.example.com", accountSid="{SID}", authToken="abc"', {}, f'accountSid="{SID}", authToken="abc"'),
        (f'accountSid="{SID}", authToken="abc"', {"public_url": URL}, f'accountSid="{SID}", authToken="abc", publicUrl="{URL}"'),
        (f'accountSid="{SID}", authToken="abc"', {"use_cloud_webhook": True}, f'accountSid="{SID}", authToken="abc", useCloudWebhook=true'),
        (f'accountSid="{SID}", authToken="abc", useCloudWebhook=true', {}, f'accountSid="{SID}", authToken="abc"'),
    ],
)  # fmt: skip
def test_parameters_change(before: str, wanted: dict[str, object], after: str) -> None:
    """A parameter is replaced, added or removed; the others stay in place."""
    phone = '    Thing phone p [ phoneNumber="+15551234567" ]\n'
    assert written(_bridge(before, phone), _wanted(**wanted)) == _bridge(after, phone)


def test_numbers_are_added() -> None:
    """Existing phones keep their names; new ones get free names."""
    text = _bridge(f'accountSid="{SID}", authToken="abc"', '    Thing phone myphone [ phoneNumber="+15551234567" ]\n')
    after = written(text, _wanted(numbers={"+15551234567": "", "+15551234568": 'The "second"', "+15551234569": ""}))
    assert after.splitlines()[2:4] == [
        '    Thing phone myphone2 "The second" [ phoneNumber="+15551234568" ]',
        '    Thing phone myphone3 "Twilio Phone Number" [ phoneNumber="+15551234569" ]',
    ]


def test_same_is_the_same() -> None:
    """A file that already has everything is not changed, even with user and password in the URL."""
    url = "https://me:p%40ss@home.example.com"
    text = written("", _wanted(public_url=url))
    assert written(text, _wanted(public_url=url)) == text


@pytest.mark.parametrize(
    "text",
    [
        _bridge(f'accountSid="{SID}", authToken="x"')
        + _bridge(f'accountSid="{SID}", authToken="x"').replace(":a ", ":b "),
        "Bridge twilio:account:a [",
    ],
)
def test_texts_that_only_an_editor_can_change(text: str) -> None:
    """Several accounts, errors and unusual forms are left to the user."""
    with pytest.raises(SetupError):
        written(text, _wanted())


def test_things_of_a_text() -> None:
    """A text is read as the service reads it."""
    assert list(read(written("", _wanted())).phones) == ["twilio:phone:myaccount:myphone"]
