"""Changing single settings in an existing TOML file."""

from __future__ import annotations

import tomllib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from twilio_binding.setup.toml_text import changed, names

URL, TOKEN, THINGS = ("openhab", "url"), ("openhab", "token"), ("things",)


@pytest.mark.parametrize(
    ("text", "after"),
    [
        ("", '[openhab]\nurl = "new"\n'),
        ("# mine\n", '# mine\n\n[openhab]\nurl = "new"\n'),
        ('[openhab]\nurl = "old" # here\n', '[openhab]\nurl = "new" # here\n'),
        ("[openhab]\n  url='old'\n[mqtt]\nurl = 'm'\n", "[openhab]\n  url = \"new\"\n[mqtt]\nurl = 'm'\n"),
        ("[mqtt]\nurl = 'm'\n", "[mqtt]\nurl = 'm'\n\n[openhab]\nurl = \"new\"\n"),
        ("[openhab]\n\n[mqtt]\nurl = 'm'\n", "[openhab]\nurl = \"new\"\n\n[mqtt]\nurl = 'm'\n"),
        ("[openhab] # it\ntoken = 't'\n# end\n", "[openhab] # it\ntoken = 't'\n# end\nurl = \"new\"\n"),
        ('# url = "x"\n[openhab]\n#url = "y"\n', '# url = "x"\n[openhab]\n#url = "y"\nurl = "new"\n'),
        ('[openhab]\nurl = "new"\n# as it is', '[openhab]\nurl = "new"\n# as it is\n'),
    ],
)
def test_one_line_changes(text: str, after: str) -> None:
    """The line is replaced or added in its section; everything else stays."""
    assert changed(text, {URL: "new"}) == after


@pytest.mark.parametrize(
    "text",
    [
        'openhab = { url = "old", token = "t" }\n',
        'openhab.url = "old"\nopenhab.token = "t"\n',
        '[openhab]\nurl = """\nold"""\ntoken = "t"\n',
        '["openhab"]\n"url" = "old"\ntoken = "t"\n',
        '[openhab]\nurl = "old # with \\" a mark"\ntoken = "t"\n[media.credentials."cam:80"]\nuser = "u"\npassword = "p"\n',
    ],
)
def test_unusual_forms(text: str) -> None:
    """In any form, the file contains the new value afterwards, and all the others."""
    before = tomllib.loads(text)
    after = tomllib.loads(changed(text, {URL: "new"}))
    assert after == before | {"openhab": before["openhab"] | {"url": "new"}}


def test_comments_stay_in_unusual_forms() -> None:
    """With dotted names, lists over several lines, or quotes in a header, comments stay and lines are added."""
    text = """# mine
things = [
  "a.things", # one
  "b.things"   # two
  # last
]
# next
openhab.ca_file = "/ca.pem"   # dotted
[ "mqtt" ] # quoted
# url = "old"
ca_file = "/ca.pem"
"""
    values: dict[tuple[str, ...], str | list[str]] = {
        URL: "new",
        ("mqtt", "url"): "m",
        THINGS: ["a.things", "b.things", "c.things"],
    }
    assert changed(text, values) == (
        text.replace('"b.things" ', '"b.things", ')
        .replace("  # last\n", '  # last\n  "c.things",\n')
        .replace("# dotted\n", '# dotted\nopenhab.url = "new"\n')
        + 'url = "m"\n'
    )
    assert changed(text, {THINGS: ["openhab"]}) == '# mine\nthings = ["openhab"]\n' + text[text.index("# next") :]
    assert changed('openhab.url = "old" # here\n', {URL: "new"}) == 'openhab.url = "new" # here\n'


@pytest.mark.parametrize(
    ("text", "after"),
    [
        (
            '# a\nopenhab = { url = "old", token = "t" }  # it\n# z\n[mqtt] # m\n',
            '# a\nopenhab = { url = "new", token = "t" }  # it\n# z\n[mqtt] # m\n',
        ),
        ("openhab = {} # none\n", 'openhab = { url = "new" } # none\n'),
        ("'openhab' = { token = 'a # b' } # c # d\n", '\'openhab\' = { token = "a # b", url = "new" } # c # d\n'),
        ('["openhab"] # head\n"url" = "old # x" # u\n# end\n', '["openhab"] # head\n"url" = "new" # u\n# end\n'),
        ('"openhab".url = "old" # dotted\n# z\n', '"openhab".url = "new" # dotted\n# z\n'),
        (
            "openhab = { url = 'old', x = [\n1, # one\n{ y = true } ] } # it\n# z\n",
            'openhab = { url = "new", x = [1, { y = true }] } # it\n# z\n',
        ),
    ],
)
def test_comments_stay_around_tables_in_one_line(text: str, after: str) -> None:
    """A section can be an inline table, and names can have quotes: only that table is rewritten."""
    assert changed(text, {URL: "new"}) == after
    assert tomllib.loads(after)["openhab"]["url"] == "new"


def test_names() -> None:
    """The settings of a text are listed by section and name."""
    assert names("things = ['a']\n[mqtt]\nurl = 'm'\n") == {THINGS: ["a"], ("mqtt", "url"): "m"}


def test_a_list_before_the_sections() -> None:
    """Settings without a section are before all sections."""
    assert changed("# mine\n[mqtt]\nurl = 'm'\n", {THINGS: ["openhab"]}) == (
        "# mine\nthings = [\"openhab\"]\n[mqtt]\nurl = 'm'\n"
    )


_TEXTS = st.text(st.characters(codec="utf-8"))


@given(_TEXTS, st.lists(_TEXTS))
def test_any_value(value: str, values: list[str]) -> None:
    """Every text is written so that it is read unchanged."""
    after = tomllib.loads(changed("x = 1\n[openhab]\ntoken = 'old' # note\n", {TOKEN: value, THINGS: values}))
    assert after == {"x": 1, "things": values, "openhab": {"token": value}}
