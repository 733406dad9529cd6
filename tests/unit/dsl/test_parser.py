"""`.things` and `.items`: everything openHAB writes there, and where a file stops making sense."""

from __future__ import annotations

import contextlib
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from twilio_binding.dsl import DslError, ItemNode, MetadataNode, Place, parse_items, parse_things
from twilio_binding.dsl.nodes import Scalar, ThingNode


def _uids(text: str) -> list[str]:
    return [node.uid for node in parse_things(text, "f")]


def _only(text: str) -> ThingNode:
    (node,) = parse_things(text, "f")
    return node


def _value(text: str) -> tuple[Scalar, ...]:
    (parameter,) = _only(f"Thing a:b:c [ x={text} ]").parameters
    return parameter.values


def test_the_example() -> None:
    """The example of the page is read with all its places."""
    bridge, phone = parse_things(
        (Path(__file__).parents[3] / "things" / "twilio.things").read_text(encoding="utf-8"), "twilio.things"
    )
    assert (bridge.uid, bridge.is_bridge, bridge.label, bridge.bridge) == (
        "twilio:account:myaccount",
        True,
        "Twilio Account",
        None,
    )
    assert (phone.uid, phone.is_bridge, phone.bridge) == ("twilio:phone:myaccount:myphone", False, bridge.uid)
    assert str(phone.place) == "twilio.things:2:5"
    (number,) = phone.parameters
    assert (number.name, number.values, str(number.place)) == ("phoneNumber", ("+15551234567",), "twilio.things:2:46")


@pytest.mark.parametrize("text", ["", " \n\t", "// nothing\n", "/* nothing */", "\ufeff", "/* a *//* b */ // c"])
def test_nothing(text: str) -> None:
    """A file that says nothing has no things and no items, and is no error."""
    assert parse_things(text, "f") == []
    assert parse_items(text, "f") == []


@pytest.mark.parametrize(
    ("text", "uids"),
    [
        ("Thing a:b:c", ["a:b:c"]),
        ('Thing "a:b:c"', ["a:b:c"]),
        ("Thing a:b c", ["a:b:c"]),
        ("Bridge a:b:c {}", ["a:b:c"]),
        ("Bridge a:b:c { Thing t x Thing t y }", ["a:b:c", "a:t:c:x", "a:t:c:y"]),
        ("Bridge a:b:c { Things: Thing t x }", ["a:b:c", "a:t:c:x"]),
        ("Bridge a:b:c { t x }", ["a:b:c", "a:t:c:x"]),
        ("Bridge a:b:c { Thing other:t x }", ["a:b:c", "a:t:c:x"]),
        ("Bridge a:b:c { Bridge m d { Thing t x } }", ["a:b:c", "a:m:c:d", "a:t:c:d:x"]),
        ("Bridge a:b:c { Thing a:t:z }", ["a:b:c", "a:t:z"]),
        ("Bridge a { Thing t x }", ["a", "a:t:x"]),
        ("\ufeffThing a:b:c // end", ["a:b:c"]),
        ("/* x */Thing/* y */a:b:c\r\n\r\n\tThing a:b:d", ["a:b:c", "a:b:d"]),
        ("Thing a:b:c { Channels: State String : x \"l\" [ p=1 ] Trigger r : y Type z-1 : 'q' }", ["a:b:c"]),
        ("Thing a:b:c { Type x : y#z }", ["a:b:c"]),
        ("Bridge a:b:c { Thing t x Channels: Type u : v }", ["a:b:c", "a:t:c:x"]),
        ("Thing 1wire:2:3", ["1wire:2:3"]),
    ],
)
def test_what_a_thing_is_called(text: str, uids: list[str]) -> None:
    """All ways to write a thing: apart, nested, with and without the word, quoted, with comments and channels."""
    assert _uids(text) == uids


def test_head() -> None:
    """Label, bridge and location stand before the parameters."""
    node = _only('Thing a:b:c "Grüße" (a:x:y) @ "Kitchen" [ p="1" ]')
    assert (node.label, node.bridge, node.location) == ("Grüße", "a:x:y", "Kitchen")


@pytest.mark.parametrize(
    ("text", "values"),
    [
        ('"x"', ("x",)),
        ("'x'", ("x",)),
        ('""', ("",)),
        ('"a\\"b"', ('a"b',)),
        ("'a\\'b\"'", ("a'b\"",)),
        (r'"\n\t\r\b\f\\\/\q"', ("\n\t\r\b\f\\/q",)),
        (r'"\u00e9\u20AC"', ("é€",)),
        (r'"\ud83d\ude00"', ("😀",)),
        (r'"\ud83d"', ("\ufffd",)),
        (r'"\u12"', ("u12",)),
        ('"two\nlines"', ("two\nlines",)),
        ('"// no /* comment */"', ("// no /* comment */",)),
        ("1", (1,)),
        ("-1", (-1,)),
        ("01", (1,)),
        ("1.50", (1.5,)),
        ("-0.5", (-0.5,)),
        ("true", (True,)),
        ("false", (False,)),
        ('1, "2",true , 3.0', (1, "2", True, 3.0)),
        ('"AC", "b"', ("AC", "b")),
    ],
)
def test_values(text: str, values: tuple[Scalar, ...]) -> None:
    """Texts with their escapes, numbers, booleans, and lists of them."""
    assert _value(text) == values
    assert [type(value) for value in _value(text)] == [type(value) for value in values]


@pytest.mark.parametrize(
    ("text", "error"),
    [
        ("Bridge", "f:1:7: expected a thing UID, a quoted text"),
        ("thing a:b:c", "f:1:1: expected Bridge, Thing, the end of the file"),
        ("Things a:b:c", "f:1:1: expected Bridge, Thing, the end of the file"),
        ("Thing ä:b:c", "f:1:7: expected a thing UID, a quoted text"),
        ("Thing a:b:c [", 'f:1:14: expected a name, "]"'),
        ("Thing a:b:c [ x ]", 'f:1:17: expected "="'),
        ("Thing a:b:c [ x= ]", "f:1:18: expected a quoted text, true or false, a number"),
        ("Thing a:b:c [ x=yes ]", "f:1:17: expected a quoted text, true or false, a number"),
        ("Thing a:b:c [ x=TRUE ]", "f:1:17: expected a quoted text, true or false, a number"),
        ("Thing a:b:c [ x=+15551234567 ]", "f:1:17: expected a quoted text, true or false, a number"),
        ('Thing a:b:c [ x="1" y="2" ]', 'f:1:21: expected ",", "]"'),
        ('Thing a:b:c [ x="1";y="2" ]', 'f:1:20: expected ",", "]"'),
        ('Thing a:b:c [ x="1\n, y=2 ]', "f:1:17: expected a quoted text, true or false, a number"),
        ("Thing a:b:c [ x=1.2.3 ]", 'f:1:20: expected ",", "]"'),
        ("Thing a:b:c [ x=0x10 ]", 'f:1:18: expected ",", "]"'),
        ("Thing a:b:c [ 1x=1 ]", 'f:1:15: expected a name, "]"'),
        ("Thing a:b:c (", "f:1:14: expected a thing UID, a quoted text"),
        ("Thing a:b:c (a:b:d", 'f:1:19: expected ")"'),
        ("Thing a:b:c @ garage", "f:1:15: expected a quoted text"),
        (
            'Thing a:b:c "x" "y"',
            'f:1:17: expected "(", "@", "[", "{", Bridge, Thing, the end of the file',
        ),
        ("Thing a:b:c\n}\n", 'f:2:1: expected a quoted text, "(", "@", "[", "{", Bridge, Thing, the end of the file'),
        ("Bridge a:b:c {\n  Thing t x\n", 'f:3:1: expected a quoted text, "(", "@", "[", "{", Bridge, Thing'),
        ("Bridge a:b:c {\n  Thing\n}", "f:3:1: expected a thing UID, a quoted text"),
        ("\n\n  /* open", "f:3:3: expected Bridge, Thing, the end of the file"),
        ("Thing a:b:c { Type : x }", "f:1:20: expected a quoted text"),
    ],
)
def test_bad_files(text: str, error: str) -> None:
    """The first place that makes no sense is named with line and column, and what could stand there."""
    with pytest.raises(DslError) as caught:
        parse_things(text, "f")
    assert str(caught.value).startswith(error)
    assert str(caught.value) == f"{caught.value.place}: {caught.value.text}"
    assert caught.value.code == "bad_things_file"


def test_secrets_are_not_in_errors() -> None:
    """An error in a file with secrets shows nothing of them."""
    with pytest.raises(DslError) as caught:
        parse_things('Bridge twilio:account:a [ authToken="very-secret" accountSid="AC1" ]', "f")
    assert "secret" not in str(caught.value)


@pytest.mark.parametrize("text", ["Bridge a:b:c { " * 3000, "Thing a:b:c [ x=" + "9" * 5000 + " ]", '"' * 10_001])
def test_files_out_of_proportion(text: str) -> None:
    """Endless nesting and endless numbers are errors of the file, not of the program."""
    with pytest.raises(DslError):
        parse_things(text, "f")


_TOKENS = [
    "Bridge ",
    "Thing ",
    "a:b:c",
    " x",
    "{",
    "}",
    "[",
    "]",
    "(",
    ")",
    "=",
    ",",
    '"',
    '"t"',
    "\\",
    "1",
    "true",
    "@ ",
    "\n",
    "//",
    "/*",
    "*/",
]


@given(st.lists(st.sampled_from(_TOKENS), max_size=15).map("".join) | st.text(max_size=30))
@settings(max_examples=250, deadline=None)
def test_any_text(text: str) -> None:
    """Any text is read or refused with our own error; never anything else."""
    for parse in (parse_things, parse_items):
        with contextlib.suppress(DslError):
            parse(text, "f")


_TEXTS = st.text(st.characters(exclude_categories=["Cs"]), max_size=12)
_NAMES = st.from_regex(r"[A-Za-z_][A-Za-z0-9_]{0,8}", fullmatch=True)
_SEGMENTS = st.from_regex(r"[A-Za-z0-9_][A-Za-z0-9_-]{0,6}", fullmatch=True).filter(
    lambda text: text not in ("Thing", "Bridge")
)
_SCALARS = _TEXTS | st.booleans() | st.integers(-(10**12), 10**12) | st.decimals(-1000, 1000, places=3).map(float)
_PARAMETERS = st.dictionaries(_NAMES, st.lists(_SCALARS, min_size=1, max_size=3), max_size=3)


def _quoted(text: str) -> str:
    escaped = text.replace("\\", "\\\\").replace('"', '\\"')
    return '"' + escaped.replace("\n", "\\n").replace("\r", "\\r") + '"'


def _printed(value: Scalar) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, str):
        return _quoted(value)
    return f"{value:.3f}" if isinstance(value, float) else str(value)


@st.composite
def _thing(draw: st.DrawFn, *, depth: int = 0) -> tuple[str, list[tuple[str, str | None, dict[str, list[Scalar]]]]]:
    """A printed thing with what it says: id, label and parameters of it and all below it."""
    thing_id, label, parameters = draw(_SEGMENTS), draw(st.none() | _TEXTS.filter(bool)), draw(_PARAMETERS)
    is_bridge = depth < 2 and draw(st.booleans())
    blank = draw(st.sampled_from([" ", "\n", " /* x */ ", " // x\n"]))
    text = f"{'Bridge' if is_bridge else 'Thing'} {'t' if depth else 'a:t'} {thing_id}"
    if label is not None:
        text += blank + _quoted(label)
    if parameters:
        pairs = [f"{name}={','.join(_printed(value) for value in values)}" for name, values in parameters.items()]
        text += f"{blank}[{blank}{f',{blank}'.join(pairs)}{blank}]"
    below = draw(st.lists(_thing(depth=depth + 1), max_size=2)) if is_bridge else []
    if below:
        text += f"{blank}{{{blank}" + blank.join(child for child, _ in below) + f"{blank}}}"
    return text, [(thing_id, label, parameters), *(said for _, children in below for said in children)]


@given(st.lists(_thing(), max_size=3))
@settings(max_examples=60, deadline=None)
def test_round_trip(things: list[tuple[str, list[tuple[str, str | None, dict[str, list[Scalar]]]]]]) -> None:
    """What is printed is read back: names, labels, values and nesting, whatever the blanks and comments."""
    text = "\n".join(printed for printed, _ in things)
    nodes = parse_things(text, "f")
    said = [one for _, all_of_it in things for one in all_of_it]
    assert [
        (node.uid.rsplit(":", 1)[1], node.label, {p.name: list(p.values) for p in node.parameters}) for node in nodes
    ] == said
    lines = text.split("\n")
    for node in nodes:
        assert lines[node.place.line - 1][node.place.column - 1 :].startswith("Bridge" if node.is_bridge else "Thing")


def test_items() -> None:
    """An item has type, name, label, icon, groups, tags and metadata; its links are the metadata `channel`."""
    text = """
    Group:Number:AVG gAll
    String  Last "Last [%s]" <text-1> (gAll, Other) ["Point", Message]
        { channel="twilio:phone:a:b:last-message-body" [ profile="x", n=1 ], channel="y:z:q:r", expire='1h' }
    Number:Temperature T
    """
    group, last, temperature = parse_items(text, "f")
    assert (group.type, group.name, temperature.type) == ("Group:Number:AVG", "gAll", "Number:Temperature")
    assert (last.label, last.icon, last.groups, last.tags) == (
        "Last [%s]",
        "text-1",
        ("gAll", "Other"),
        ("Point", "Message"),
    )
    assert [(entry.namespace, entry.value) for entry in last.metadata] == [
        ("channel", "twilio:phone:a:b:last-message-body"),
        ("channel", "y:z:q:r"),
        ("expire", "1h"),
    ]
    assert [p.values for p in last.metadata[0].parameters] == [("x",), (1,)]


def test_item_nodes() -> None:
    """The smallest item, and one with a link, where they stand."""
    assert parse_items("\n Switch S", "f") == [
        ItemNode(type="Switch", name="S", place=Place(source="f", line=2, column=2))
    ]
    (item,) = parse_items('String A {channel="a:b:c:d"}', "f")
    assert item.metadata == (MetadataNode(namespace="channel", value="a:b:c:d"),)


@pytest.mark.parametrize(
    ("text", "error"),
    [
        ("String", "f:1:7: expected a name"),
        ("String 1x", "f:1:8: expected a name"),
        ('String A "x', 'f:1:10: expected a quoted text, "<"'),
        ("String A { channel=a:b:c:d }", "f:1:20: expected a quoted text"),
        ('String A { channel="x"', 'f:1:23: expected "[", ",", "}"'),
        ("String A (", "f:1:11: expected a name"),
        ("String A\n<", "f:2:2: "),
    ],
)
def test_bad_items(text: str, error: str) -> None:
    """Items have their own grammar and the same errors."""
    with pytest.raises(DslError) as caught:
        parse_items(text, "f")
    assert str(caught.value).startswith(error)
