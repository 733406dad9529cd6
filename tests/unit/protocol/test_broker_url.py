"""The broker's URL: valid ones are read, and errors do not show the password."""

from __future__ import annotations

import pytest

from twilio_binding.protocol.broker_url import BrokerURLError, read_broker_url


@pytest.mark.parametrize(
    ("url", "user", "password", "host", "port"),
    [
        ("mqtt://b", None, None, "b", 1883),
        ("mqtts://b", None, None, "b", 8883),
        ("MQTT://b:1884/", None, None, "b", 1884),
        (" mqtt://me:pw@b:1\n", "me", "pw", "b", 1),
        ("mqtt://me@b", "me", None, "b", 1883),
        ("mqtt://me:@b", "me", "", "b", 1883),
        ("mqtt://me:a%40b%2Fc%23d%3Ae%25f@b", "me", "a@b/c#d:e%f", "b", 1883),
        ("mqtt://me:gr%C3%BCn@[::1]:1883", "me", "grün", "::1", 1883),
    ],
)
def test_good(url: str, user: str | None, password: str | None, host: str, port: int) -> None:
    """Surrounding blanks are ignored, and escapes are decoded."""
    address = read_broker_url(url)
    assert (address.username, address.password, address.host, address.port) == (user, password, host, port)
    assert "pw" not in repr(address)


@pytest.mark.parametrize(
    ("url", "reason"),
    [
        ("mqtt://me:sec#ret@b", "%23"),
        ("mqtt://me:sec/ret@b", "%2F"),
        ("mqtt://me:sec@ret@b", "%40"),
        ("mqtt://me:sec?ret@b", "%3F"),
        ("mqtt://me:sec:ret@b", "%3A"),
        ("mqtt://me:secret%@b", "%25"),
        ("mqtt://me:secret%zz@b", "%25"),
        ("mqtt://me:secret%ff@b", "UTF-8"),
        ("mqtt://:secret@b", "no user"),
        ("mqtt://@b", "no user"),
        ("mqtt://me:secret", "port"),
        ("mqtt://me:sec\u200bret@b", "invisible"),
        ("mqtt://me:sec ret@b", "blank"),
        ("mqtt://me:secret@b:0", "1 to 65535"),
        ("mqtt://me:secret@b:66000", "1 to 65535"),
        ("mqtt://me:secret@b:x", "1 to 65535"),
        ("mqtt://me:secret@b/topic", "follow"),
        ("mqtt://me:secret@", "form"),
        ("http://me:secret@b", "form"),
        ("mqtt:me:secret@b", "form"),
        ("", "form"),
    ],
)
def test_bad(url: str, reason: str) -> None:
    """The reason says what is wrong and the right form, without the password."""
    with pytest.raises(BrokerURLError, match=reason) as caught:
        read_broker_url(url)
    assert "sec" not in str(caught.value).replace("second", "")
    assert "me:" not in str(caught.value)
