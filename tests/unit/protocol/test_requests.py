"""The MQTT protocol: what is read, what is refused and how, and that no input does harm."""

from __future__ import annotations

import contextlib
import json
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from twilio_binding import protocol
from twilio_binding.protocol.errors import Refusal
from twilio_binding.protocol.json_text import from_json, to_json
from twilio_binding.protocol.replies import Reply
from twilio_binding.protocol.requests import MAX_REQUEST_BYTES, Request, addressee, read_request
from twilio_binding.protocol.topics import Topics

_TOPICS = Topics()
_TOPIC = "twilio/action/twilio:phone:a:b/sendSMS"
_REPLY = "twilio/reply/me/1"
_IMPORT_ALL = "\n".join(
    f"import twilio_binding.protocol.{file.stem}" for file in Path(protocol.__path__[0]).glob("[!_]*.py")
)


def _read(body: object, topic: str = _TOPIC) -> Request:
    return read_request(_TOPICS, topic, body if isinstance(body, bytes) else json.dumps(body).encode())


def test_topics() -> None:
    """All topics below the base topic, as documented."""
    topics = Topics(base="home/twilio")
    assert (topics.status, topics.things, topics.bridge) == (
        "home/twilio/status",
        "home/twilio/things",
        "home/twilio/bridge",
    )
    assert (topics.actions, topics.listeners) == ("home/twilio/action/+/+", "home/twilio/listener/+")
    assert topics.event("t:h:i", "c") == "home/twilio/event/t:h:i/c"
    assert topics.state("t:h:i", "c") == "home/twilio/state/t:h:i/c"
    assert topics.reply("me", "1") == "home/twilio/reply/me/1"
    assert topics.listener("me") == "home/twilio/listener/me"
    assert topics.split_action(topics.action("t:h:i", "a")) == ("t:h:i", "a")


@pytest.mark.parametrize(
    "topic",
    [
        "",
        "twilio/action",
        "twilio/action/",
        "twilio/action//sendSMS",
        "twilio/action/t:h:i/",
        "twilio/action/t:h:i/a/b",
        "twilio/actions/t:h:i/a",
        "other/action/t:h:i/a",
    ],
)
def test_topics_of_no_action(topic: str) -> None:
    """A request on another topic is refused."""
    with pytest.raises(Refusal, match="an action is requested on twilio/action/<thing UID>/<action>") as caught:
        _read({}, topic)
    assert caught.value.code == "bad_topic"


def test_long_form() -> None:
    """The long form has id, arguments, reply topic and deadline, and ignores fields of later versions."""
    body = {"id": "1", "args": {"to": "x"}, "replyTo": _REPLY, "deadline": 1500, "version": 2}
    assert _read(body) == Request(
        thing="twilio:phone:a:b", action="sendSMS", args={"to": "x"}, id="1", reply_to=_REPLY, deadline=1.5
    )
    assert _read({"args": {}}) == Request(thing="twilio:phone:a:b", action="sendSMS")


def test_short_form() -> None:
    """The short form is the arguments alone, without a reply."""
    request = _read({"to": "x", "message": "Hi"})
    assert (request.args, request.id, request.reply_to) == ({"to": "x", "message": "Hi"}, "", "")


@pytest.mark.parametrize(
    ("payload", "code", "text"),
    [
        (b"", "malformed", "the request is not JSON in UTF-8"),
        (b"nonsense", "malformed", "the request is not JSON in UTF-8"),
        (b'{"args": {}', "malformed", "the request is not JSON in UTF-8"),
        (b'{"args": {"to": "\xff"}}', "malformed", "the request is not JSON in UTF-8"),
        ('{"args": {}}'.encode("utf-16"), "malformed", "the request is not JSON in UTF-8"),
        (b"[" * 60_000, "malformed", "the request is not JSON in UTF-8"),
        (b'{"args": {"n": ' + b"9" * 10_000 + b"}}", "malformed", "the request is not JSON in UTF-8"),
        (b"[]", "malformed", "the request must be a JSON object"),
        (b"null", "malformed", "the request must be a JSON object"),
        (b'"x"', "malformed", "the request must be a JSON object"),
        (b"1", "malformed", "the request must be a JSON object"),
        ({"args": []}, "malformed", '"args" must be a JSON object'),
        ({"args": None}, "malformed", '"args" must be a JSON object'),
        ({"id": "1"}, "malformed", 'the request has no "args"; put the arguments of the action there'),
        ({"to": "x", "replyTo": _REPLY}, "malformed", 'the request has no "args"'),
        ({"to": "x", "deadline": 1}, "malformed", 'the request has no "args"'),
        ({"args": {}, "id": 1}, "malformed", '"id" must be a string of at most 128 characters'),
        ({"args": {}, "id": None}, "malformed", '"id" must be a string'),
        ({"args": {}, "id": "x" * 129}, "malformed", '"id" must be a string'),
        ({"args": {}, "id": "a\nb"}, "malformed", '"id" must be a string'),
        ({"args": {}, "id": "\ud83d"}, "malformed", '"id" must be a string'),
        ({"args": {}, "replyTo": 1}, "bad_reply_topic", '"replyTo" must lie under twilio/reply/'),
        ({"args": {}, "replyTo": "other/reply/x"}, "bad_reply_topic", "must lie under"),
        ({"args": {}, "replyTo": "twilio/reply"}, "bad_reply_topic", "must lie under"),
        ({"args": {}, "replyTo": "twilio/reply/+/1"}, "bad_reply_topic", "must lie under"),
        ({"args": {}, "replyTo": "twilio/reply/#"}, "bad_reply_topic", "must lie under"),
        ({"args": {}, "replyTo": "twilio/reply/\0"}, "bad_reply_topic", "must lie under"),
        ({"args": {}, "replyTo": "twilio/reply/\ud83d"}, "bad_reply_topic", "must lie under"),
        ({"args": {}, "replyTo": "twilio/reply/" + "x" * 600}, "bad_reply_topic", "must lie under"),
        ({"args": {}, "replyTo": "twilio/action/t:h:i/sendSMS"}, "bad_reply_topic", "must lie under"),
        ({"args": {}, "deadline": "soon"}, "malformed", '"deadline" must be a time in milliseconds since 1970'),
        ({"args": {}, "deadline": -1}, "malformed", '"deadline" must be a time'),
        ({"args": {}, "deadline": True}, "malformed", '"deadline" must be a time'),
        ({"args": {}, "deadline": None}, "malformed", '"deadline" must be a time'),
        ({"args": {}, "deadline": 1e300}, "malformed", '"deadline" must be a time'),
        (b'{"args": {}, "deadline": NaN}', "malformed", '"deadline" must be a time'),
        (b'{"args": {}, "deadline": Infinity}', "malformed", '"deadline" must be a time'),
        (b" " * (MAX_REQUEST_BYTES + 1), "too_large", "a request can have at most 65536 bytes; this one has 65537"),
    ],
)
def test_what_is_refused(payload: object, code: str, text: str) -> None:
    """Every error has its code and says what is wrong; a retry cannot succeed."""
    with pytest.raises(Refusal) as caught:
        _read(payload)
    assert (caught.value.code, caught.value.retryable) == (code, False)
    assert text in caught.value.message


@pytest.mark.parametrize(
    ("payload", "found"),
    [
        ({"id": "1", "replyTo": _REPLY, "args": 5}, ("1", _REPLY)),
        ({"id": "1", "replyTo": "other/x"}, ("1", "")),
        ({"id": 1, "replyTo": _REPLY}, ("", _REPLY)),
        ({"id": "x" * 129, "replyTo": _REPLY}, ("", _REPLY)),
        ({"id": "\ud83d", "replyTo": _REPLY}, ("", _REPLY)),
        ({"id": "a\nb", "replyTo": _REPLY}, ("", _REPLY)),
        ({"id": "1", "replyTo": "twilio/reply/\ud83d"}, ("1", "")),
        ([], ("", "")),
        (b"nonsense", ("", "")),
        (b"\xff\xfe", ("", "")),
        (b"[" * 60_000, ("", "")),
        ({"id": "1", "replyTo": _REPLY, "args": "x" * 70_000}, ("", "")),
    ],
)
def test_whom_a_refusal_is_told(payload: object, found: tuple[str, str]) -> None:
    """Id and reply topic of a refused request are used only if they are valid."""
    assert addressee(_TOPICS, payload if isinstance(payload, bytes) else json.dumps(payload).encode()) == found


_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(st.characters(), max_size=15),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=6), inner, max_size=3),
    max_leaves=5,
)
_BODIES = st.dictionaries(
    st.sampled_from(["id", "args", "replyTo", "deadline", "to"]),
    _JSON | st.sampled_from([_REPLY, "twilio/reply/", {}, "1"]),
    max_size=5,
)


@given(
    _BODIES.map(lambda body: json.dumps(body).encode()) | st.binary(max_size=60), st.just(_TOPIC) | st.text(max_size=40)
)
@settings(max_examples=250, deadline=None)
def test_any_request(payload: bytes, topic: str) -> None:
    """Any input is a request or a refusal, and either can be answered."""
    try:
        request = read_request(_TOPICS, topic, payload)
    except Refusal as refusal:
        request_id, reply_to = addressee(_TOPICS, payload)
        assert Reply.decode(Reply.refused(request_id, refusal).encode()).code == refusal.code  # noqa: PT017
        reply_to.encode()
    else:
        request.reply_to.encode()
        assert Reply.decode(Reply(id=request.id, ok=True).encode()).id == request.id


_WORDS = st.text(st.characters(exclude_categories=["Cs", "Cc"]), max_size=20)


@given(
    st.builds(
        Request,
        thing=st.just("t:h:i"),
        action=st.just("a"),
        args=st.dictionaries(_WORDS, _WORDS | st.integers() | st.lists(_WORDS), max_size=3),
        id=st.from_regex(r"[ -~]{0,128}", fullmatch=True),
        reply_to=st.sampled_from(["", _REPLY]),
        deadline=st.integers(0, 10**11).map(lambda milliseconds: milliseconds / 1000),
    )
)
@example(Request(thing="t:h:i", action="a", id="1", deadline=1.001))
@settings(max_examples=80)
def test_request_round_trip(request_: Request) -> None:
    """What is sent is read unchanged."""
    assert read_request(_TOPICS, _TOPICS.action("t:h:i", "a"), request_.encode()) == request_


@given(st.builds(Reply, id=_WORDS, ok=st.just(value=True), result=st.dictionaries(_WORDS, _WORDS, max_size=3)))
@settings(max_examples=50)
def test_good_reply_round_trip(reply: Reply) -> None:
    """A result is read as it was sent."""
    assert Reply.decode(reply.encode()) == reply


@given(
    st.builds(
        Reply,
        id=_WORDS,
        ok=st.just(value=False),
        code=_WORDS,
        message=_WORDS,
        retryable=st.booleans(),
        result=st.dictionaries(_WORDS, _WORDS, max_size=2),
    )
)
@settings(max_examples=50)
def test_bad_reply_round_trip(reply: Reply) -> None:
    """An error is read with its code, text, and whether to retry; with a partial result if there is one."""
    assert Reply.decode(reply.encode()) == reply


@pytest.mark.parametrize(
    "payload",
    [b"", b"nonsense", b"[]", b"{}", b'{"ok": "yes"}', b'{"ok": 1}', b"null", b"\xff", b'{"id": "1", "ok": null}'],
)
def test_what_is_no_reply(payload: bytes) -> None:
    """Anything else than a reply is a ValueError."""
    with pytest.raises(ValueError):
        Reply.decode(payload)


@given(_JSON.map(lambda body: json.dumps(body).encode()) | st.binary(max_size=30))
@settings(max_examples=100)
def test_any_reply(payload: bytes) -> None:
    """Any input raises nothing but ValueError."""
    with contextlib.suppress(ValueError):
        Reply.decode(payload)


@pytest.mark.parametrize(
    "body",
    [
        {"ok": False, "error": "text"},
        {"ok": False, "error": [1]},
        {"ok": True, "result": "text"},
        {"ok": False, "error": None, "result": None},
    ],
)
def test_odd_replies(body: object) -> None:
    """A reply whose error or result is something odd is still a reply."""
    reply = Reply.decode(json.dumps(body).encode())
    assert (reply.code, reply.result) == ("", {})


def test_lone_surrogates_in_a_reply() -> None:
    """Invalid Unicode in a text does not prevent a reply."""
    reply = Reply(id="1", ok=False, code="x", message="a\ud83db")
    assert Reply.decode(reply.encode()).message == "a?b"


def test_only_the_standard_library() -> None:
    """Every module can be imported without other packages, because it also runs inside openHAB."""
    isolated = subprocess.run(
        [sys.executable, "-S", "-c", _IMPORT_ALL],
        cwd=Path(__file__).parents[3],
        capture_output=True,
        text=True,
        timeout=20,
        check=False,
    )
    assert isolated.returncode == 0, isolated.stderr


@pytest.mark.parametrize(
    "payload",
    [
        "",
        " ",
        b"",
        '{"a":1}{"b":2}',
        '{"a":1} x',
        "{'a':1}",
        '{"a":',
        b'{"a":"\xff"}',
        b"\xff\xfe{\x00}\x00",
        "[" * 100_000,
    ],
)
def test_what_is_no_json(payload: bytes | str) -> None:
    """Anything that is not one JSON value in UTF-8, however nested, is a ValueError."""
    with pytest.raises(ValueError):
        from_json(payload)


@pytest.mark.parametrize("payload", ['{"a": "ü"}', ' \r\n\t{"a":"ü"}\n ', '{"a":"ü"}'.encode(), '{"a":"\\u00fc"}'])
def test_json_as_others_write_it(payload: bytes | str) -> None:
    """Blanks and escapes in JSON from others do not matter; ours has no blanks and few escapes."""
    assert from_json(payload) == {"a": "ü"}
    assert to_json({"a": "ü", "b": [1, True, None]}) == '{"a":"ü","b":[1,true,null]}'
