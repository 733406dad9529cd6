"""`.things` and `.items`: everything that openHAB accepts there, and the position of errors."""

from __future__ import annotations

import contextlib
import time
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from twilio_binding.dsl import DslError, ItemNode, MetadataNode, parse_items, parse_things
from twilio_binding.model.configuration import Place, Scalar, ThingNode

_VALUE = "expected a text in quotes, a number, true or false"


def _uids(text: str) -> list[str]:
    return [node.uid for node in parse_things(text, "f")]


def _only(text: str) -> ThingNode:
    (node,) = parse_things(text, "f")
    return node


def _error(text: str) -> DslError | None:
    try:
        parse_things(text, "f")
    except DslError as error:
        return error
    return None


def _value(text: str) -> tuple[Scalar, ...]:
    (parameter,) = _only(f"Thing a:b:c [ x={text} ]").parameters
    return parameter.values


def test_the_example() -> None:
    """The add-on's example is read with all positions."""
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
    """An empty file has no things and no items, and is not an error."""
    assert parse_things(text, "f") == []
    assert parse_items(text, "f") == []


@pytest.mark.parametrize(
    ("text", "uids"),
    [
        ("Thing a:b:c", ["a:b:c"]),
        ("a:b:c", ["a:b:c"]),
        ("a:b:c a:b:d t x (q:r:s)", ["a:b:c", "a:b:d", "q:t:x"]),
        ("Thing t x", ["t:x"]),
        ("Thing t x (a:b:c)", ["a:t:x"]),
        ("Thing a : b\n:c", ["a:b:c"]),
        ("Thing ^Thing:^b:c", ["Thing:b:c"]),
        ("Bridge a:b:c {}", ["a:b:c"]),
        ("Bridge a:b:c { Thing t x Thing t y }", ["a:b:c", "a:t:c:x", "a:t:c:y"]),
        ("Bridge a:b:c { Things: Thing t x }", ["a:b:c", "a:t:c:x"]),
        ("Bridge a:b:c { t x }", ["a:b:c", "a:t:c:x"]),
        ("Bridge a:b:c { Thing t x (q:r:s) }", ["a:b:c", "a:t:c:x"]),
        ("Bridge a:b:c { x:y:z t x }", ["a:b:c", "x:y:z", "a:t:c:x"]),
        ("Bridge a:b:c { Bridge m d { Thing t x } }", ["a:b:c", "a:m:c:d", "a:t:c:d:x"]),
        ("Bridge a:b:c { Thing a:t:z }", ["a:b:c", "a:t:z"]),
        ("Bridge b c { Thing t x }", ["b:c", "b:t:x"]),
        ("\ufeffThing a:b:c // end", ["a:b:c"]),
        ("/* x */Thing/* y */a:b:c\r\n\r\n\tThing a:b:d", ["a:b:c", "a:b:d"]),
        ('Thing a:b:c { Channels: State String : x "l" [ p=1 ] Trigger String : y Type z-1 : q }', ["a:b:c"]),
        ("Thing a:b:c { String : x Number:Temperature : t State Number:Power : p Number : n }", ["a:b:c"]),
        ("Bridge a:b:c { t x String : s Number:Power : p State Number:Power : q Type u : v }", ["a:b:c", "a:t:c:x"]),
        ("Bridge a:b:c { Channels: Type u : v }", ["a:b:c"]),
        ("Bridge a:b:c { Things: Channels: }", ["a:b:c"]),
        ("Thing a:b:c { Type x : y#z }", ["a:b:c"]),
        ("Bridge a:b:c { Thing t x Channels: Type u : v }", ["a:b:c", "a:t:c:x"]),
        ("Thing 1wire:2:3", ["1wire:2:3"]),
    ],
)
def test_what_a_thing_is_called(text: str, uids: list[str]) -> None:
    """All ways to write a thing: alone, nested, with and without the word, short, with comments and channels."""
    assert _uids(text) == uids


def test_head() -> None:
    """Label, bridge and location stand before the parameters."""
    node = _only('Thing a:b:c "Grüße" (a:x:y) @ "Kitchen" [ p="1" ]')
    assert (node.label, node.bridge, node.location) == ("Grüße", "a:x:y", "Kitchen")
    assert (_only("Thing a:b:c").label, _only('Thing a:b:c ""').label) == (None, "")


def test_bridge_around() -> None:
    """The surrounding bridge wins over the one in parentheses; a bridge may have one itself."""
    _, thing, inner, innermost = parse_things("Bridge a:b:c { Thing t x (q:r:s) Bridge m d { a:n:z } }", "f")
    assert (thing.bridge, inner.bridge, innermost.bridge) == ("a:b:c", "a:b:c", "a:m:c:d")


@pytest.mark.parametrize("written", ["[]", "[ ]", "[/* none */]", ""])
def test_no_parameters(written: str) -> None:
    """Brackets may be empty."""
    assert _only(f"Thing a:b:c {written}").parameters == ()


@pytest.mark.parametrize("written", ["[x=1,y=2]", "[,x=1,y=2]", "[ x = 1 ,\r\n\ty //\n = 2 ]"])
def test_parameters(written: str) -> None:
    """As in openHAB, a comma may stand before the first parameter."""
    assert [(p.name, p.values) for p in _only(f"Thing a:b:c {written}").parameters] == [("x", (1,)), ("y", (2,))]


@pytest.mark.parametrize("name", ["1x", "x-y", "_", "Thing", "x1_2-3", "^x"])
def test_parameter_names(name: str) -> None:
    """A name has letters, digits, - and _, in any order; ^ before it is openHAB's way to write a keyword."""
    (parameter,) = _only(f"Thing a:b:c [ z=1, 2, {name}=3 ]").parameters[1:]
    assert (parameter.name, parameter.values) == (name.removeprefix("^"), (3,))


@pytest.mark.parametrize(
    ("text", "values"),
    [
        ('"x"', ("x",)),
        ("'x'", ("x",)),
        ('""', ("",)),
        ('"a\\"b"', ('a"b',)),
        ("'a\\'b\"'", ("a'b\"",)),
        (r'"\n\t\r\b\f\\\"\'/"', ("\n\t\r\b\f\\\"'/",)),
        (r'"\\n\\u0041"', (r"\n\u0041",)),
        (r'"\u00e9\u20AC"', ("é€",)),
        (r'"\ud83d\ude00"', ("😀",)),
        (r'"\ud83d"', ("\ufffd",)),
        ('"two\nlines"', ("two\nlines",)),
        ('"// no /* comment */"', ("// no /* comment */",)),
        ("1", (1,)),
        ("-1", (-1,)),
        ("01", (1,)),
        ("1.50", (1.5,)),
        ("-0.5", (-0.5,)),
        ("1e3", (1000.0,)),
        ("-2.5E-3", (-0.0025,)),
        ("1, 2", (1, 2)),
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
        ("Bridge", "1:7: expected a thing UID (binding:type:id)"),
        ("thing a:b:c", "1:1: did you mean Thing?"),
        ("Thing a:b:c\n Brigde a:b:d { }", "2:2: did you mean Bridge?"),
        ("Thing ä:b:c", "1:7: expected a thing UID (binding:type:id)"),
        ("Thing a:b c", "1:7: incomplete UID; use the form binding:type:id"),
        ('Thing "a:b:c"', "1:7: expected a thing UID (binding:type:id)"),
        ("Thing a", "1:8: expected a thing id"),
        ("Thing a:b:c [", '1:14: expected a name, ",", "]"; the "[" in line 1 is not closed'),
        ("Thing a:b:c [ x ]", '1:17: expected "="'),
        ("Thing a:b:c [ a.b=1 ]", '1:16: expected "="'),
        ("Thing a:b:c [ x= ]", f"1:18: {_VALUE}"),
        ("Thing a:b:c [ x=yes ]", f"1:17: {_VALUE}"),
        ("Thing a:b:c [ x=TRUE ]", f"1:17: {_VALUE}"),
        ("Thing a:b:c [ x=+15551234567 ]", f"1:17: {_VALUE}"),
        ("Thing a:b:c [ x=1.2.3 ]", f"1:17: {_VALUE}"),
        ("Thing a:b:c [ x=0x10 ]", f"1:17: {_VALUE}"),
        ("Thing a:b:c [ x=10s ]", f"1:17: {_VALUE}"),
        ('Thing a:b:c [ x="1" y="2" ]', '1:21: expected ",", "]"'),
        ('Thing a:b:c [ x="1";y="2" ]', '1:20: expected ",", "]"'),
        ('Thing a:b:c [ x="1", ]', "1:22: expected a value, a name"),
        ("Thing a:b:c [ x=“1” ]", '1:17: wrong kind of quotation mark; use "'),
        ("Thing a:b:c\u00a0[ x=1 ]", "1:12: unexpected invisible character U+00A0"),
        ("Thing a:b:c\n\ufeffThing a:b:d", "2:1: unexpected invisible character U+FEFF"),
        ("\r\n# nothing", "2:1: a comment must begin with //"),
        ('Thing a:b:c [ x="1\n, y=2 ]', "1:17: missing closing quotation mark"),
        (
            'Thing a:b:c [\n  x="1,\n  y="2"\n]',
            '3:6: expected ",", "]"; the text that begins in line 2 may lack its closing quotation mark',
        ),
        (r'Thing a:b:c [ x="C:\data" ]', r"1:20: unknown escape sequence; write a backslash as \\"),
        (r'Thing a:b:c "\u12"', r"1:14: \u must be followed by four hex digits"),
        ("Thing a:b:c (", '1:14: expected a thing UID (binding:type:id); the "(" in line 1'),
        ("Thing a:b:c (a:b:d", '1:19: expected ")"; the "(" in line 1 is not closed'),
        ("Thing a:b:c @ garage", "1:15: expected a text in quotes"),
        ('Thing a:b:c @ "x" (a:b:d)', '1:19: expected "[", "{", Bridge, Thing,'),
        (
            'Thing a:b:c "x" "y"',
            '1:17: expected "(", "@", "[", "{", Bridge, Thing, a thing UID (binding:type:id), the end',
        ),
        ("Thing a:b:c\n}\n", '2:1: expected a text in quotes, "(", "@", "[", "{", Bridge, Thing,'),
        (
            "/* { */\nBridge a:b:c {\n  Thing t x\n",
            '4:1: expected a text in quotes, "(", "@", "[", "{", Bridge, Thing,',
        ),
        ("Bridge a:b:c {\n  Thing\n}", "3:1: expected a thing UID (binding:type:id)"),
        ("\n\n  /* open", "3:3: this comment is not closed with */"),
        ("Thing a:b:c { Type : x }", "1:20: expected a channel type"),
        ("Thing a:b:c { String : }", "1:24: expected a channel id"),
        ("Thing a:b:c { Thing t x }", '1:21: expected ":"'),
    ],
)
def test_bad_files(text: str, error: str) -> None:
    """The first invalid position is named with line and column, and what is wrong or expected."""
    with pytest.raises(DslError) as caught:
        parse_things(text, "f")
    assert str(caught.value).startswith(f"f:{error}")
    assert str(caught.value) == f"{caught.value.place}: {caught.value.text}"
    assert caught.value.code == "bad_things_file"


@pytest.mark.parametrize(
    ("text", "opened"),
    [
        ("Bridge a:b:c {\n  Thing t x {\n}\n// }\n", 1),
        ('Bridge a:b:c "}" {\n  Bridge t x [ p="}" ] {\n}\n', 1),
        ("Bridge a:b:c { }\nBridge a:b:d { /* } */", 2),
    ],
)
def test_open_brackets(text: str, opened: int) -> None:
    """If a file ends too early, the unclosed bracket is named; brackets in texts and comments do not count."""
    with pytest.raises(DslError, match=rf'the "{{" in line {opened} is not closed'):
        parse_things(text, "f")


def test_secrets_are_not_in_errors() -> None:
    """An error in a file with secrets shows none of them, wherever it is."""
    text = 'Bridge twilio:account:a [ authToken="very-secret", accountSid="AC1" ]'
    for at in range(len(text)):
        for broken in (text[:at], text[:at] + text[at + 1 :], f"{text[:at]}\\{text[at:]}", f"{text[:at]}?{text[at:]}"):
            error = _error(broken)
            if error is not None:
                assert "secret" not in str(error)
                assert error.place.line == 1
                assert 1 <= error.place.column <= len(broken) + 1


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
    """Any text is read or refused with our own error."""
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
    """A printed thing with its content: id, label and parameters, also of nested things."""
    thing_id, label, parameters = draw(_SEGMENTS), draw(st.none() | _TEXTS.filter(bool)), draw(_PARAMETERS)
    is_bridge = depth < 2 and draw(st.booleans())
    blank = draw(st.sampled_from([" ", "\n", " /* x */ ", " // x\n"]))
    word = "Bridge" if is_bridge else "Thing"
    text = f"{word} {'t ' if depth else 'a:t:'}{thing_id}"
    if label is not None:
        text += blank + _quoted(label)
    if parameters:
        pairs = [f"{name}={','.join(_printed(value) for value in values)}" for name, values in parameters.items()]
        text += f"{blank}[{blank}{f',{blank}'.join(pairs)}{blank}]"
    below = draw(st.lists(_thing(depth=depth + 1), max_size=2)) if is_bridge else []
    if below:
        text += f"{blank}{{{blank}" + blank.join(child for child, _ in below) + f"{blank}}}"
    return text, [(thing_id, label, parameters), *(said for _, children in below for said in children)]


@given(st.lists(_thing(), max_size=3), st.sampled_from(["\n", "\r\n"]))
@settings(max_examples=60, deadline=None)
def test_round_trip(
    things: list[tuple[str, list[tuple[str, str | None, dict[str, list[Scalar]]]]]], newline: str
) -> None:
    """What is printed is read back: names, labels, values and nesting, with any blanks, comments and line ends."""
    text = "\n".join(printed for printed, _ in things)
    nodes = parse_things("\ufeff" + text.replace("\n", newline), "f")
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
    Group:Number:Temperature:AVG gAll
    Group:Switch:OR(ON, "OFF") gAny <oh:iconify:mdi-cat>
    String  Last "Last [%s]" <text-1> (gAll, Other) ["Point", Message]
        { channel="twilio:phone:a:b:last-message-body" [ profile="x", n=1 ], channel="y:z:q:r", expire='1h' }
    Number:Temperature T
    """
    group, any_of, last, temperature = parse_items(text, "f")
    assert (group.type, group.name, group.arguments) == ("Group:Number:Temperature:AVG", "gAll", ())
    assert (any_of.type, any_of.arguments, any_of.icon) == ("Group:Switch:OR", ("ON", "OFF"), "oh:iconify:mdi-cat")
    assert temperature.type == "Number:Temperature"
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
    """The smallest item, and one with a link, with their positions."""
    assert parse_items("\n Switch S", "f") == [
        ItemNode(type="Switch", name="S", place=Place(source="f", line=2, column=2))
    ]
    (item,) = parse_items('String A {channel="a:b:c:d"}', "f")
    assert item.metadata == (MetadataNode(namespace="channel", value="a:b:c:d"),)


@pytest.mark.parametrize(
    ("text", "error"),
    [
        ("String", 'f:1:7: expected "(", an item name'),
        ("String 1x", 'f:1:8: expected "(", an item name'),
        ("String a-b", 'f:1:8: expected "(", an item name'),
        ('String A "x', "f:1:10: missing closing quotation mark"),
        ('String A <x> "l"', 'f:1:14: expected "(", "[", "{", an item type, the end of the file'),
        ("String A { channel=a:b:c:d }", "f:1:20: expected a text in quotes"),
        ('String A { channel="x"', 'f:1:23: expected "[", ",", "}"; the "{" in line 1'),
        ("String A { }", "f:1:12: expected a name"),
        ('String A { channel="x" [ y=z ] }', f"f:1:28: {_VALUE}"),
        ("String A (", "f:1:11: expected an item name"),
        ("String A []", "f:1:11: expected a text in quotes, a name"),
        ("Group:Switch:OR(ON g", 'f:1:20: expected ",", ")"'),
        ("Number:: A", 'f:1:7: expected "(", an item name'),
        ("String A\n<", "f:2:2: expected an icon"),
    ],
)
def test_bad_items(text: str, error: str) -> None:
    """Items have their own grammar and the same errors."""
    with pytest.raises(DslError) as caught:
        parse_items(text, "f")
    assert str(caught.value).startswith(error)


@given(
    st.lists(
        st.builds(
            ItemNode,
            type=st.sampled_from(["String", "Number:Temperature", "Group", "Group:Switch:OR"]),
            name=_NAMES,
            arguments=st.lists(_TEXTS, max_size=2).map(tuple),
            label=st.none() | _TEXTS,
            icon=st.none() | st.sampled_from(["text", "oh:text-1"]),
            groups=st.lists(_NAMES, max_size=2).map(tuple),
            tags=st.lists(_TEXTS, max_size=2).map(tuple),
            metadata=st.lists(st.builds(MetadataNode, namespace=_NAMES, value=_TEXTS), max_size=2).map(tuple),
        ),
        max_size=4,
    )
)
@settings(max_examples=60, deadline=None)
def test_items_round_trip(items: list[ItemNode]) -> None:
    """Items that are printed are read back as they were."""
    text = "\n".join(_printed_item(item) for item in items)
    read = parse_items(text, "f")
    assert [replace(item, place=Place(source="", line=0, column=0)) for item in read] == items
    assert [item.place.line for item in read] == list(range(1, len(items) + 1))


def _printed_item(item: ItemNode) -> str:
    parts = [item.type]
    if item.arguments:
        parts.append(f"({','.join(map(_quoted, item.arguments))})")
    parts.append(item.name)
    if item.label is not None:
        parts.append(_quoted(item.label))
    parts += [f"<{item.icon}>"] if item.icon else []
    parts += [f"({', '.join(item.groups)})"] if item.groups else []
    parts += [f"[{', '.join(map(_quoted, item.tags))}]"] if item.tags else []
    entries = ", ".join(f"{entry.namespace}={_quoted(entry.value)}" for entry in item.metadata)
    return " ".join([*parts, f"{{ {entries} }}"] if entries else parts)


def test_many_things() -> None:
    """A hundred accounts with their phones take only a moment."""
    one = 'Bridge twilio:account:a{0} "A" [ accountSid="AC{0}", authToken="t" ] {{\n Thing phone p [ phoneNumber="+1" ]\n}}\n'
    text = "".join(one.format(number) for number in range(100))
    parse_things(text, "f")
    started = time.process_time()
    assert len(parse_things(text, "f")) == 200
    assert time.process_time() - started < 1, "measured: 0.06 s to 0.1 s"
