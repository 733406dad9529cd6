"""The Twilio stand-in's values: signatures, segments, keys, settings."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from twilio_binding.sandbox.twilio.command import read, written
from twilio_binding.sandbox.twilio.failures import BAD_URL, FailureError, check_url, fate
from twilio_binding.sandbox.twilio.keys import heard
from twilio_binding.sandbox.twilio.options import Conduct, TwilioOptions
from twilio_binding.sandbox.twilio.resources import segments
from twilio_binding.sandbox.twilio.signing import Form, sign, signed_url

_DATA: dict[str, Any] = json.loads(Path("tests/data/signatures.json").read_text(encoding="utf-8"))
# The stand-in signs a URL in one form; receivers may accept others, or refuse some.
_PUBLISHED = ("base", "http-port-kept", "dup-values", "url-only", "no-query", "extra-query", "unicode-values")
_MORE = ("empty-values", "sorting", "go-base", "docs", "emoji-and-spaces")


def _vector(name: str) -> tuple[str, Form, str]:
    vector = next(each for each in _DATA["vectors"] if each["id"] == name)
    given = _DATA["P"] if vector["params"] == "P" else vector["params"]
    form: Form = {}
    for field, value in given.items() if isinstance(given, dict) else given:
        before = form.get(field)
        form[field] = value if before is None else [*([before] if isinstance(before, str) else before), value]
    return vector["url"], form, vector["signature"]


@pytest.mark.parametrize("name", [*_PUBLISHED, *_MORE])
def test_published_signatures(name: str) -> None:
    """The signature of each published pair of URL and form comes out."""
    url, form, signature = _vector(name)
    assert sign(url, form, _DATA["token"]) == signature


def test_published_wrong_order_is_another_signature() -> None:
    """A signature over fields in another order is not ours."""
    url, form, signature = _vector("go-wrong-sort")
    assert sign(url, form, _DATA["token"]) != signature


@pytest.mark.parametrize(
    ("url", "for_voice", "for_messages"),
    [
        ("https://a.example/x", "https://a.example/x", "https://a.example/x"),
        ("https://a.example:8443/x?y=1", "https://a.example/x?y=1", "https://a.example:8443/x?y=1"),
        ("http://a.example:8080/x", "http://a.example:8080/x", "http://a.example:8080/x"),
        ("https://u:p@a.example:444/x", "https://a.example/x", "https://a.example:444/x"),
        ("https://a.example/x?#rc=2&rt=900", "https://a.example/x?", "https://a.example/x?"),
        ("https://A.example/%3A?q=It's", "https://A.example/%3A?q=It's", "https://A.example/%3A?q=It's"),
    ],
)
def test_signed_url(url: str, for_voice: str, for_messages: str) -> None:
    """Credentials and fragment are never signed, nor a port for calls over HTTPS; nothing else is changed."""
    assert (signed_url(url, voice=True), signed_url(url, voice=False)) == (for_voice, for_messages)


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ("", 1),
        ("a" * 160, 1),
        ("a" * 161, 2),
        ("a" * 306, 2),
        ("a" * 307, 3),
        ("ü" * 160, 1),
        ("€" * 80, 1),
        ("€" * 81, 2),
        ("❤" * 70, 1),
        ("❤" * 71, 2),
        ("😀" * 35, 1),
        ("😀" * 36, 2),
    ],
)
def test_segments(body: str, expected: int) -> None:
    """Segments are counted like networks do: by alphabet, with escapes and surrogates."""
    assert segments(body) == expected


@pytest.mark.parametrize(
    ("given", "gather", "expected"),
    [
        ("", {}, {}),
        ("#", {}, {}),
        ("12#", {}, {"Digits": "12", "FinishedOnKey": "#"}),
        ("12", {}, {"Digits": "12", "FinishedOnKey": ""}),
        ("123", {"numDigits": "1"}, {"Digits": "1", "FinishedOnKey": ""}),
        ("1#2", {"finishOnKey": ""}, {"Digits": "1#2", "FinishedOnKey": ""}),
        ("12*3", {"finishOnKey": "*"}, {"Digits": "12", "FinishedOnKey": "*"}),
        ("open the door", {}, {}),
        ("1", {"input": "speech"}, {"SpeechResult": "1", "Confidence": "0.92041256", "Language": "en-US"}),
        ("7", {"input": "dtmf speech"}, {"Digits": "7", "FinishedOnKey": ""}),
        (
            "auf",
            {"input": "dtmf speech", "language": "de-DE"},
            {"SpeechResult": "auf", "Confidence": "0.92041256", "Language": "de-DE"},
        ),
    ],
)
def test_what_a_gather_hears(given: str, gather: dict[str, str], expected: Form) -> None:
    """Keys end at the finishing key or the number of digits; words need a Gather that listens."""
    assert heard(given, gather) == expected


@pytest.mark.parametrize(
    ("to", "expected"),
    [
        ("+15557654321", ("delivered", 0)),
        ("+15005550001", ("delivered", 0)),
        ("+15005530003", ("undelivered", 30003)),
        ("whatsapp:+15005563016", ("failed", 63016)),
    ],
)
def test_fate(to: str, expected: tuple[str, int]) -> None:
    """A number +150055 followed by an error code fails with that code."""
    assert fate(to) == expected


@pytest.mark.parametrize("url", ["", "x", "ftp://a/b", "https://", "https://my_home.example/x", "http://[::1/x"])
def test_urls_that_twilio_does_not_take(url: str) -> None:
    """Only http and https with a host without underscores is taken."""
    with pytest.raises(FailureError) as caught:
        check_url(url, BAD_URL)
    assert caught.value is BAD_URL


@pytest.mark.parametrize("settings", [{"nonsense": 1}, {"pause": "long"}, {"shuffle": 1}, {"callbacks": True}])
def test_conduct_refuses_what_makes_no_sense(settings: dict[str, object]) -> None:
    """An invalid name or type changes nothing."""
    conduct = Conduct.at_start(TwilioOptions())
    with pytest.raises(ValueError, match=next(iter(settings))):
        conduct.change({"deliver_to": "http://127.0.0.1:1"} | settings)
    assert conduct.deliver_to == ""


def test_command_line_carries_all_options() -> None:
    """The options of a command line are read back unchanged."""
    options = TwilioOptions(
        port=1, number="+15550001111", pause=0.5, api_key_sid="SK1", deliver_to="http://127.0.0.1:8765"
    )
    assert read([*written(options), "--until-eof"]) == (options, True)
