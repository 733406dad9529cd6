"""From a file to accounts and phones: checks, their messages, and that one invalid thing affects no other."""

from __future__ import annotations

import pytest

from twilio_binding.dsl import parse_things
from twilio_binding.model.configuration import Place, Problem, ThingNode, load_things
from twilio_binding.model.things import DEFAULT_GATHER_RESPONSE, DEFAULT_GREETING, Account, Phone, Things

_SID = "AC" + "0123456789abcdefABCDEF0123456789"
_KEY = "SK" + "0" * 32
_SECRETS = "hidden-token"


def _load(text: str) -> tuple[Things, list[Problem]]:
    return load_things(parse_things(text, "f"))


def _account(more: str = "", *, sid: str = f'accountSid="{_SID}"', token: str = f'authToken="{_SECRETS}"') -> str:
    parameters = ", ".join(part for part in (sid, token, more) if part)
    return f"Bridge twilio:account:a [ {parameters} ]"


def _phone(more: str = "", *, number: str = 'phoneNumber="+15551234567"') -> str:
    parameters = ", ".join(part for part in (number, more) if part)
    return f"{_account()}\nThing twilio:phone:a:b [ {parameters} ]"


def _the_account(text: str) -> Account:
    things, problems = _load(text)
    assert problems == []
    (account,) = things.accounts.values()
    return account


def _the_phone(text: str) -> Phone:
    things, problems = _load(text)
    assert problems == []
    (phone,) = things.phones.values()
    return phone


def _the_error(text: str) -> str:
    things, problems = _load(text)
    (problem,) = problems
    assert problem.severity == "error"
    assert len(things.broken) == 1
    assert things.broken[0].reason == problem.text
    return str(problem)


def test_defaults() -> None:
    """Missing parameters have the contract's defaults."""
    account = _the_account(_account())
    assert (account.label, account.account_sid, account.auth_token) == ("Twilio Account", _SID, _SECRETS)
    assert (account.public_url, account.base_url, account.bases) == ("", None, ())
    assert (account.auto_configure_webhooks, account.use_cloud_webhook) == (True, False)
    phone = _the_phone(_phone())
    assert (phone.label, phone.bridge, phone.phone_number) == ("Twilio Phone Number", account.uid, "+15551234567")
    assert (phone.voice_greeting, phone.gather_response) == (DEFAULT_GREETING, DEFAULT_GATHER_RESPONSE)
    assert (phone.response_timeout, phone.wait_for_rule) == (10, "auto")
    assert phone.callback_url(None, "sms") is None


def test_secrets_do_not_show() -> None:
    """The repr of an account or phone contains no secrets and no number."""
    things, _ = _load(
        _phone().replace(
            "[ accountSid",
            f'[ secondaryAuthToken="{_SECRETS}2", apiKeySid="{_KEY}", apiKeySecret="{_SECRETS}3", accountSid',
        )
    )
    text = repr(things)
    assert _SID in text
    assert _SECRETS not in text
    assert "+15551234567" not in text


@pytest.mark.parametrize("url", ["https://my.domain.com", "https://my.domain.com/", "https://my.domain.com///"])
def test_public_url(url: str) -> None:
    """Slashes at the end of the public URL are ignored."""
    account = _the_account(_account(f'publicUrl="{url}"'))
    assert account.base_url == "https://my.domain.com/twilio/callback"


def test_everything_given() -> None:
    """All parameters in all forms, also numbers and booleans as text."""
    account = _the_account(
        _account(
            f'publicUrl="http://h:8080/base/", autoConfigureWebhooks="FALSE", useCloudWebhook=true, '
            f'apiKeySid="{_KEY}", apiKeySecret="s", secondaryAuthToken="t"'
        )
    )
    assert (account.public_url, account.auto_configure_webhooks, account.use_cloud_webhook) == (
        "http://h:8080/base",
        False,
        True,
    )
    assert (account.api_key_sid, account.api_key_secret, account.secondary_auth_token) == (_KEY, "s", "t")
    phone = _the_phone(
        _phone(
            'voiceGreeting="<Response/>", gatherResponse="<Response> </Response>", responseTimeout="14", waitForRule="never"'
        )
    )
    assert (phone.voice_greeting, phone.gather_response) == ("<Response/>", "<Response> </Response>")
    assert (phone.response_timeout, phone.wait_for_rule) == (14, "never")


@pytest.mark.parametrize("written", ["1", "14", "5.0", '"7"', '" 7 "'])
def test_timeouts(written: str) -> None:
    """A whole number from 1 to 14, in any form."""
    assert _the_phone(_phone(f"responseTimeout={written}")).response_timeout == int(float(written.strip('"')))


@pytest.mark.parametrize(
    ("text", "error"),
    [
        (_account(sid=""), "f:1:1: error: twilio:account:a: accountSid: Account SID is required"),
        (_account(sid='accountSid=" "'), "f:1:27: error: twilio:account:a: accountSid: Account SID is required"),
        (_account(token=""), "f:1:1: error: twilio:account:a: authToken: Auth Token is required"),
        (
            _account(sid='accountSid="ACxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"'),
            "f:1:27: error: twilio:account:a: accountSid: this is the SID of the example; replace it with the Account SID from the Twilio Console",
        ),
        (
            _account(sid='accountSid="AC123"'),
            "f:1:27: error: twilio:account:a: accountSid: not an Account SID; it must be AC followed by 32 hex digits",
        ),
        (
            _account(sid=f'accountSid="{_KEY}"'),
            "f:1:27: error: twilio:account:a: accountSid: not an Account SID; it must be AC followed by 32 hex digits",
        ),
        (
            _account(sid="accountSid=true"),
            "f:1:27: error: twilio:account:a: accountSid: the value must be text in quotes",
        ),
        (
            _account(token='authToken="a","b"'),
            "f:1:76: error: twilio:account:a: authToken: the value must be a single value, not a list",
        ),
        (
            _account('publicUrl="my.domain.com"'),
            "f:1:102: error: twilio:account:a: publicUrl: not a base URL; use the form https://my.domain.com",
        ),
        (
            _account('publicUrl="https://h/?x=1"'),
            "f:1:102: error: twilio:account:a: publicUrl: not a base URL; use the form https://my.domain.com",
        ),
        (
            _account('publicUrl="https://h:99999"'),
            "f:1:102: error: twilio:account:a: publicUrl: not a base URL; use the form https://my.domain.com",
        ),
        (
            _account('publicUrl="https://my domain.com"'),
            "f:1:102: error: twilio:account:a: publicUrl: not a base URL; use the form https://my.domain.com",
        ),
        (
            _account('publicUrl="https://my.domain.com/twilio/callback/"'),
            (
                "f:1:102: error: twilio:account:a: publicUrl: this is more than the base URL; "
                "remove /twilio/callback and everything after it"
            ),
        ),
        (
            _account(token="authToken=0123"),
            "f:1:76: error: twilio:account:a: authToken: the value must be text in quotes",
        ),
        (
            _account('useCloudWebhook="yes"'),
            "f:1:102: error: twilio:account:a: useCloudWebhook: the value must be true or false",
        ),
        (
            _account(f'apiKeySid="{_KEY}"'),
            "f:1:102: error: twilio:account:a: apiKeySid: set both apiKeySid and apiKeySecret, or neither",
        ),
        (
            _account('apiKeySid="SK1", apiKeySecret="s"'),
            "f:1:102: error: twilio:account:a: apiKeySid: not an API key SID; it must be SK followed by 32 hex digits",
        ),
        (_phone(number=""), "f:2:1: error: twilio:phone:a:b: phoneNumber: Phone number is required"),
        (_phone(number='phoneNumber=" "'), "f:2:26: error: twilio:phone:a:b: phoneNumber: Phone number is required"),
        (
            _phone(number='phoneNumber="15551234567"'),
            (
                "f:2:26: error: twilio:phone:a:b: phoneNumber: 155***67 does not begin with + and the country code "
                "(E.164, such as +15551234567)"
            ),
        ),
        (
            _phone(number="phoneNumber=15551234567"),
            "f:2:26: error: twilio:phone:a:b: phoneNumber: the value must be text in quotes",
        ),
        *(
            (
                _phone(f"responseTimeout={value}"),
                "f:2:54: error: twilio:phone:a:b: responseTimeout: the value must be a whole number from 1 to 14",
            )
            for value in ("0", "15", "-1", "1.5", "true", '"ten"', '""', "99999999999999999999")
        ),
        (
            _phone('waitForRule="sometimes"'),
            "f:2:54: error: twilio:phone:a:b: waitForRule: the value must be auto, always or never",
        ),
        (
            f'{_account()}\nThing twilio:phone:b:b [ phoneNumber="+15551234567" ]',
            "f:2:1: error: twilio:phone:b:b: the bridge twilio:account:b is not configured",
        ),
        (
            f'{_account()}\nThing twilio:phone:b [ phoneNumber="+15551234567" ]',
            "f:2:1: error: twilio:phone:b: the bridge - is not configured",
        ),
        (
            f"{_account()}\nThing twilio:fax:a:b",
            (
                "f:2:1: error: twilio:fax:a:b: unknown thing type twilio:fax; "
                "use twilio:account, twilio:phone, twilio:contact and twilio:alarm"
            ),
        ),
    ],
)
def test_things_that_cannot_be_used(text: str, error: str) -> None:
    """Each error names file, line, column, thing and parameter, and what is valid; no secret is shown."""
    assert _the_error(text) == error
    assert _SECRETS not in error


@pytest.mark.parametrize(
    "written", ["+1 (555) 123-4567", "tel:+1-555-123-4567", "\u202a+1\u00a0555\u00a0123\u00a04567\u202c"]
)
def test_formatted_phone_number(written: str) -> None:
    """A number in any form is stored in Twilio's form, also for an unusable thing."""
    things, problems = _load(_phone(number=f'phoneNumber="{written}"'))
    assert (things.phones["twilio:phone:a:b"].phone_number, problems) == ("+15551234567", [])
    things, _ = _load(_phone("responseTimeout=99", number=f'phoneNumber="{written}"'))
    assert things.broken[0].phone_number == "+15551234567"


def test_same_uid_twice() -> None:
    """Of two things with one UID the first is used; the second is an error, and not an unusable thing."""
    text = f'{_phone()}\nThing twilio:phone:a:b [ phoneNumber="+15551234568" ]'
    things, problems = _load(text)
    assert things.phones["twilio:phone:a:b"].phone_number == "+15551234567"
    assert [str(problem) for problem in problems] == [
        "f:3:1: error: twilio:phone:a:b: duplicate UID; the thing in f:2:1 is used"
    ]
    assert things.broken == ()


def test_no_uid() -> None:
    """A thing of ours with an invalid UID, which the parser cannot produce, is a separate error."""
    node = ThingNode(
        uid="twilio:phone:a b",
        is_bridge=False,
        label=None,
        location=None,
        bridge=None,
        parameters=(),
        place=Place(source="f", line=1, column=1),
    )
    things, (problem,) = load_things([node, *parse_things(_phone(), "f")])
    assert list(things.phones) == ["twilio:phone:a:b"]
    assert "is not a thing UID" in str(problem)


def test_all_faults_at_once() -> None:
    """All errors of a thing are reported at once; its status shows the first."""
    text = f"""
    Bridge twilio:account:a [ accountSid="AC1", autoConfigureWebhooks=1, apiKeySecret="{_SECRETS}", odd=1 ]
    Thing twilio:phone:a:b [ responseTimeout=99, waitForRule="no", phoneNumber="", voiceGreeting="<Say>" ]"""
    things, problems = _load(text)
    assert [(problem.severity, problem.parameter) for problem in problems] == [
        ("warning", "odd"),
        ("error", "accountSid"),
        ("error", "authToken"),
        ("error", "autoConfigureWebhooks"),
        ("error", "apiKeySid"),
        ("error", ""),
        ("error", "phoneNumber"),
        ("warning", "voiceGreeting"),
        ("error", "responseTimeout"),
        ("error", "waitForRule"),
    ]
    assert [thing.reason for thing in things.broken] == [
        "not an Account SID; it must be AC followed by 32 hex digits",
        "the bridge twilio:account:a cannot be used",
    ]
    assert _SECRETS not in "".join(map(str, problems))


def test_bad_twiml() -> None:
    """A caller never gets TwiML that Twilio would reject: the built-in one is used, and the message names the place in the file."""
    things, problems = _load(_phone('voiceGreeting="<Response><Say>Hi</Response>", gatherResponse="Thanks"'))
    (phone,) = things.phones.values()
    assert (phone.voice_greeting, phone.gather_response) == (DEFAULT_GREETING, DEFAULT_GATHER_RESPONSE)
    assert [str(problem) for problem in problems] == [
        (
            "f:2:54: warning: twilio:phone:a:b: voiceGreeting: the TwiML is not well-formed XML: mismatched tag "
            "(line 1, column 20); callers hear the built-in TwiML instead"
        ),
        (
            "f:2:100: warning: twilio:phone:a:b: gatherResponse: the TwiML is not well-formed XML: syntax error "
            "(line 1, column 1); callers hear the built-in TwiML instead"
        ),
    ]


@pytest.mark.parametrize(
    ("text", "warning"),
    [
        (
            _phone('greeting="x"'),
            "f:2:54: warning: twilio:phone:a:b: greeting: unknown parameter; did you mean voiceGreeting?",
        ),
        (
            _phone('phonenumber="+1"'),
            "f:2:54: warning: twilio:phone:a:b: phonenumber: unknown parameter; did you mean phoneNumber?",
        ),
        (
            _phone(number='phoneNumber="+47 5912 3456 7890"'),
            "f:2:26: warning: twilio:phone:a:b: phoneNumber: +47***90 may not be a phone number: it is too long",
        ),
        (_phone("zzz=1"), "f:2:54: warning: twilio:phone:a:b: zzz: unknown parameter"),
        (
            _account('publicURL="x"'),
            "f:1:102: warning: twilio:account:a: publicURL: unknown parameter; did you mean publicUrl?",
        ),
        (
            _phone('phoneNumber="+15551234567"'),
            "f:2:54: warning: twilio:phone:a:b: phoneNumber: this parameter is set twice; the last value is used",
        ),
        (
            f'{_account()}\nThing phone b [ phoneNumber="+15551234567" ]',
            "f:2:1: warning: phone:b: the thing is not inside a bridge, so write the full UID: twilio:phone:b",
        ),
        (
            _account().replace("Bridge", "Thing"),
            "f:1:1: warning: twilio:account:a: an account must be a Bridge; write Bridge instead of Thing",
        ),
    ],
)
def test_warnings(text: str, warning: str) -> None:
    """Odd but usable values are warnings, with the likely right word."""
    things, problems = _load(text)
    assert [str(problem) for problem in problems] == [warning]
    assert things.broken == ()
    assert things.accounts


def test_one_bad_thing_harms_no_other() -> None:
    """Invalid accounts and phones do not affect valid ones; the phones of an invalid account say why."""
    text = f"""
    Bridge twilio:account:bad [ accountSid="nonsense", authToken="{_SECRETS}" ] {{
        Thing phone x [ phoneNumber="+15551234567" ]
    }}
    Bridge twilio:account:good [ accountSid="{_SID}", authToken="{_SECRETS}" ] {{
        Thing phone x "One" [ phoneNumber="+15551234568" ]
        Thing phone y "Two" [ phoneNumber="nonsense" ]
        Thing phone z "Three" [ phoneNumber="+15551234569" ]
    }}
    """
    things, problems = _load(text)
    assert list(things.accounts) == ["twilio:account:good"]
    assert list(things.phones) == ["twilio:phone:good:x", "twilio:phone:good:z"]
    assert [problem.place.line for problem in problems] == [2, 3, 7]
    assert [(thing.uid, thing.label, thing.bridge) for thing in things.broken] == [
        ("twilio:account:bad", "twilio:account:bad", ""),
        ("twilio:phone:bad:x", "twilio:phone:bad:x", "twilio:account:bad"),
        ("twilio:phone:good:y", "Two", "twilio:account:good"),
    ]
    assert "the bridge twilio:account:bad cannot be used" in str(problems[1])


@pytest.mark.parametrize(
    "text",
    [
        f'Thing twilio:phone:b [ phoneNumber="+15551234567" ]\n{_account()}'.replace("phone:b", "phone:a:b"),
        f'{_account()}\nThing twilio:phone:x:b (twilio:account:a) [ phoneNumber="+15551234567" ]',
        f'Thing twilio:phone:b "x" (twilio:account:a) [ phoneNumber="+15551234567" ]\n{_account()}',
        f'Thing phone b (twilio:account:a) [ phoneNumber="+15551234567" ]\n{_account()}',
        f'{_account()} {{ phone b [ phoneNumber="+15551234567" ] }}',
    ],
)
def test_ways_to_name_the_bridge(text: str) -> None:
    """A phone belongs to the surrounding account, the one in parentheses, or the one in its UID, in any order."""
    assert _the_phone(text).bridge == "twilio:account:a"


def test_several_unknown_parameters() -> None:
    """They are reported in their order in the file."""
    _, problems = _load(_phone("z=1, y=2, x=3, w=4"))
    assert [problem.parameter for problem in problems] == ["z", "y", "x", "w"]


def test_other_bindings() -> None:
    """Things of other bindings in the file are ignored, whatever they contain."""
    things, problems = _load(
        'Bridge mqtt:broker:x [ host="h" ] { Thing topic y [ nonsense=1 ] }\nThing a:b:c\nThing x y'
    )
    assert (things, problems) == (Things(), [])


@pytest.mark.parametrize(
    ("written", "url", "login"),
    [
        ("https://a:b@h.example", "https://h.example", "a:b"),
        ("https://a:b@h.example:8443/base/", "https://h.example:8443/base", "a:b"),
        ("https://ada@h.example", "https://h.example", "ada"),
        ("https://a:b%2Fc@h.example", "https://h.example", "a:b%2Fc"),
        ("https://a:b:c@d@h.example", "https://h.example", "a:b%3Ac%40d"),
        ("https://a:b@[2001:db8::1]:8443", "https://[2001:db8::1]:8443", "a:b"),
        ("https://[2001:db8::1]", "https://[2001:db8::1]", ""),
        ("HTTPS://H.example", "https://H.example", ""),
        ("https://bücher.example/x", "https://xn--bcher-kva.example/x", ""),
        (" https://h.example/ ", "https://h.example", ""),
    ],
)
def test_public_url_with_a_password(written: str, url: str, login: str) -> None:
    """User and password are stored apart from the URL, and are never shown."""
    account = _the_account(_account(f'publicUrl="{written}"'))
    assert (account.public_url, account.public_login) == (url, login)
    assert account.base_url == f"{url}/twilio/callback"
    assert account.entry_url == f"{url}/twilio/callback".replace("://", f"://{login}@" if login else "://")
    assert not login or login not in repr(account)


@pytest.mark.parametrize(
    "url",
    [
        "https://",
        "https://a:s3cret@",
        "https://a:s3/cret@h.example",
        "https://a:s3?cret@h.example",
        "https://a:s3#cret@h.example",
        "https://a:s3cret@h.example?x=1",
        "https://a:s3cret@h.example#x",
        "https://a:s3cret@h.example:0",
        "https://a:s3cret@h.example:70000",
        "https://a:s3cret@h.example:port",
        "https://a:s3cret@[2001:db8::1",
        "https://a:s3cret@[2001:db8::zz]",
        "https://2001:db8::1:8443",
        "https://h .example",
        "https:///path",
        "https://h.example/twilio/callback",
        "ftp://a:s3cret@h.example",
        "//h.example",
    ],
)
def test_public_url_that_is_none(url: str) -> None:
    """An invalid base URL is an error of its parameter, which does not show the value."""
    things, problems = load_things(parse_things(_account(f'publicUrl="{url}"'), "f"))
    assert things.accounts == {}
    assert [problem.parameter for problem in problems if problem.severity == "error"] == ["publicUrl"]
    assert not any("s3" in str(problem) or "cret" in str(problem) for problem in problems)
