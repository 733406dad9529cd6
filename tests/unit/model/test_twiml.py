"""TwiML: what a caller may get, and the error for a rule whose TwiML is refused."""

from __future__ import annotations

from xml.etree import ElementTree as ET

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from twilio_binding.model import twiml
from twilio_binding.model.things import DEFAULT_GATHER_RESPONSE, DEFAULT_GREETING
from twilio_binding.model.twiml import TwimlError

_URL = "https://my.domain.com/twilio/callback/twilio:phone:a:b/gather"


@pytest.mark.parametrize(
    "text",
    [
        "<Response/>",
        "<Response><Say>Grüße 😀 &amp; &#xE9;</Say></Response>",
        '<?xml version="1.0" encoding="UTF-8"?>\n<Response><!-- ok --><Pause length="1"/></Response>',
        "<Response><![CDATA[<x>]]>\t\r\n\u2028\x7f\x85</Response>",
        DEFAULT_GREETING,
        DEFAULT_GATHER_RESPONSE,
        twiml.EMPTY,
    ],
)
def test_good_twiml(text: str) -> None:
    """Well-formed TwiML is unchanged, except surrounding blanks, which Twilio does not accept."""
    assert twiml.check(text) == text
    assert twiml.check(f"\n  {text} \n") == text


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("", "not well-formed XML: no element found (line 1, column 1)"),
        ("Hello", "not well-formed XML: syntax error (line 1, column 1)"),
        ("<Response><Say>Hi</Response>", "not well-formed XML: mismatched tag (line 1, column 20)"),
        ("<Response>\n  a & b\n</Response>", "not well-formed XML: not well-formed (invalid token) (line 2, column 6)"),
        ("<Response/>x", "not well-formed XML: junk after document element (line 1, column 12)"),
        ("<Response>&nbsp;</Response>", "not well-formed XML: undefined entity (line 1, column 11)"),
        ("<Response><a b='1' b='2'/></Response>", "not well-formed XML: duplicate attribute (line 1, column 20)"),
        ("<response/>", "the root of the TwiML is not <Response>"),
        ("<Say>Hi</Say>", "the root of the TwiML is not <Response>"),
        ("<Response xmlns='urn:x'/>", "the root of the TwiML is not <Response>"),
        ("<Response>\x01</Response>", "contains a control character that XML does not allow"),
        ("<Response>\x00</Response>", "contains a control character that XML does not allow"),
        ("<Response>\ud83d</Response>", "contains a control character that XML does not allow"),
        ("<Response>\ufffe</Response>", "contains a control character that XML does not allow"),
        ("<!DOCTYPE Response><Response/>", "a document type, an entity or an encoding that is not allowed"),
        ('<!DOCTYPE r [<!ENTITY a "b">]><Response>&a;</Response>', "a document type, an entity or an encoding"),
        ('<!DOCTYPE r SYSTEM "file:///etc/passwd"><Response/>', "a document type, an entity or an encoding"),
    ],
)
def test_bad_twiml(text: str, reason: str) -> None:
    """Each error is named, with line and column if there is one."""
    with pytest.raises(TwimlError) as caught:
        twiml.check(text)
    assert reason in str(caught.value)
    assert caught.value.code == "bad_twiml"


@pytest.mark.parametrize("encoding", ["UTF-16", "ISO-8859-1", "no-such-encoding", "utf-7"])
def test_other_encodings(encoding: str) -> None:
    """TwiML is sent in UTF-8, so a declaration of another encoding with other characters is refused."""
    text = f'<?xml version="1.0" encoding="{encoding}"?><Response><Say>ü</Say></Response>'
    with pytest.raises(TwimlError):
        twiml.check(text)


def test_size() -> None:
    """64 kB in UTF-8 are accepted, one byte more is not; bytes count, not characters."""
    frame = len("<Response></Response>")
    assert twiml.check("<Response>" + "x" * (65_536 - frame) + "</Response>")
    for character, number in (("x", 65_536 - frame + 1), ("ü", 33_000)):
        with pytest.raises(TwimlError, match="larger than 64 kB"):
            twiml.check("<Response>" + character * number + "</Response>")


def test_size_of_a_new_call() -> None:
    """The TwiML of a new call has 4000 characters at most."""
    frame = len("<Response></Response>")
    assert twiml.check_inline("<Response>" + "ü" * (4000 - frame) + "</Response>")
    with pytest.raises(TwimlError, match="4000 characters; this has 4001"):
        twiml.check_inline("<Response>" + "x" * (4001 - frame) + "</Response>")


def test_billion_laughs() -> None:
    """Entities that grow are refused before they do."""
    entities = "".join(f'<!ENTITY a{n} "{f"&a{n - 1};" * 10}">' for n in range(1, 20))
    with pytest.raises(TwimlError):
        twiml.check(f'<!DOCTYPE r [<!ENTITY a0 "ha">{entities}]><Response>&a19;</Response>')


@given(st.text(max_size=60))
@settings(max_examples=150)
def test_any_text(text: str) -> None:
    """Any text is valid TwiML or refused with our own error; a text inside Response is refused or stays unchanged."""
    for candidate in (text, f"<Response>{text}</Response>"):
        try:
            assert twiml.check(candidate) == candidate.strip()
        except TwimlError:
            continue


@pytest.mark.parametrize(
    ("template", "filled"),
    [
        ("{gatherUrl}", _URL),
        ("{gatherUrl:fire}", f"{_URL}?menu=fire"),
        ("{gatherUrl}{gatherUrl:b}", f"{_URL}{_URL}?menu=b"),
        ("{gatherUrl}?menu=x", f"{_URL}?menu=x"),
        ("{gatherUrl:}", "{gatherUrl:}"),
        ("{gatherUrl:a b}", "{gatherUrl:a b}"),
        ("{gatherUrl:<}", "{gatherUrl:<}"),
        ("{gatherUrl:" + "a" * 65 + "}", "{gatherUrl:" + "a" * 65 + "}"),
        ("{ gatherUrl }", "{ gatherUrl }"),
        ("{}{0}%s", "{}{0}%s"),
    ],
)
def test_fill(template: str, filled: str) -> None:
    """Only the placeholder is replaced; a menu must be a plain name."""
    assert twiml.fill(template, _URL) == filled
    assert twiml.fill(template, None) == template


@given(st.from_regex(r"https://[a-z.]+/[!-~]{0,20}", fullmatch=True))
@settings(max_examples=60)
def test_filled_attribute(url: str) -> None:
    """Whatever the URL holds, the document stays well-formed and the attribute is the URL."""
    for quote in "\"'":
        template = f"<Response><Gather action={quote}{{gatherUrl}}{quote}>{{gatherUrl}}</Gather></Response>"
        gather = ET.fromstring(twiml.fill(template, url)).find("Gather")
        assert gather is not None
        assert (gather.get("action"), gather.text) == (url, url)


@given(st.text(st.characters(codec="utf-8", exclude_categories=["Cc", "Cs", "Cn"]), min_size=1, max_size=40))
@settings(max_examples=80)
def test_speech(text: str) -> None:
    """A spoken text is escaped, and unchanged in the document."""
    say = ET.fromstring(twiml.check(twiml.speech(text, "alice"))).find("Say")
    assert say is not None
    assert (say.text, say.attrib) == (text, {"voice": "alice"})


def test_speech_without_a_voice() -> None:
    """An empty voice is left out."""
    say = ET.fromstring(twiml.speech("Hi")).find("Say")
    assert say is not None
    assert say.attrib == {}


def test_answer_to_a_text_leaves_out_what_xml_cannot_carry() -> None:
    """A control character or half an emoji never makes a document that Twilio refuses."""
    assert twiml.message("A\x07 <b> & \ud83dB") == "<Response><Message>A &lt;b&gt; &amp; B</Message></Response>"
