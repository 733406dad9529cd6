"""The meaning of sentences about items: a corpus in two languages, and what no text may ever do."""

from __future__ import annotations

import re
import time
from datetime import datetime
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from twilio_binding.model.sentences.catalogue import catalogue
from twilio_binding.model.sentences.items import ReachableItems, read_items
from twilio_binding.model.sentences.reading import (
    Doubt,
    ItemCommand,
    ItemQuestion,
    Keyword,
    NotTaken,
    NotUnderstood,
    Reader,
    Reading,
    Timed,
)
from twilio_binding.model.sentences.states import ItemState, shown
from twilio_binding.model.sentences.tokens import tokens
from twilio_binding.model.sentences.vocabulary import vocabulary
from twilio_binding.sandbox.openhab.model_files import read_items as read_file

DATA = Path(__file__).parents[2] / "data" / "sentences"
NOW = datetime(2026, 11, 28, 12, 0)  # noqa: DTZ001


def items_of(text: str) -> ReachableItems:
    """The usable items of a `.items` file, as openHAB lists them."""
    listed: list[dict[str, object]] = []
    for one in read_file(text, "home.items"):
        definition = one.definition
        semantics = {"semantics": {"value": "Location_Indoor"}} if "Location" in definition.tags else {}
        listed.append(
            {
                "name": definition.name,
                "type": definition.type,
                "groupType": definition.group_type,
                "label": definition.label,
                "groupNames": list(definition.groups),
                "metadata": {**one.metadata, **semantics},
            }
        )
    return read_items(listed)


HOME = items_of((DATA / "home.items").read_text(encoding="utf-8"))
READERS = {language: Reader(HOME, vocabulary(language)) for language in ("en", "de")}


def sentences_of(language: str) -> list[tuple[str, str]]:
    """The sentences of a file, each with its expected meaning."""
    found, expected = [], ""
    for line in (DATA / f"{language}.txt").read_text(encoding="utf-8").splitlines():
        if line.startswith("= "):
            expected = line[2:]
        elif line.strip() and not line.startswith("#"):
            found.append((line, expected))
    return found


def corpus() -> list[tuple[str, str, str]]:
    """Language, sentence and expected meaning."""
    return [(language, *one) for language in READERS for one in sentences_of(language)]


def told(reading: Reading) -> str:
    """A reading in the form of the corpus."""
    match reading:
        case ItemCommand():
            return f"{reading.item.name}={reading.value}"
        case ItemQuestion():
            return f"{reading.item.name}?"
        case Doubt():
            return "asked"
        case NotTaken():
            return "not taken"
        case Timed():
            return "later"
        case Keyword():
            return reading.word
        case _:
            return "none"


def test_corpus() -> None:
    """Of at least 300 sentences, some deliberately wrong, 99 % are read as expected."""
    sentences = corpus()
    wrong = [
        (language, sentence, expected, found)
        for language, sentence, expected in sentences
        if (found := told(READERS[language].read(sentence, NOW))) != expected
    ]
    assert len(sentences) >= 300
    assert len(wrong) <= len(sentences) // 100, "\n".join(map(str, wrong))


@pytest.mark.parametrize("language", ["fr", "es", "it", "nl"])
def test_other_languages(language: str) -> None:
    """The other languages have the words for commands, questions and numbers."""
    reader = Reader(items_of((DATA / f"{language}.items").read_text(encoding="utf-8")), vocabulary(language))
    wrong = [(one, expected) for one, expected in sentences_of(language) if told(reader.read(one, NOW)) != expected]
    assert wrong == []


@pytest.mark.parametrize("language", ["en", "de"])
def test_sentences_of_a_family(language: str) -> None:
    """What people of a home with 40 items type is read as meant, or asked back, and never commands something else."""
    home = items_of((DATA / f"family_{language}.items").read_text(encoding="utf-8"))
    reader, sentences = Reader(home, vocabulary(language)), sentences_of(f"family_{language}")
    read = [(sentence, expected, told(reader.read(sentence, NOW))) for sentence, expected in sentences]
    dangerous = [one for one in read if "=" in one[2] and one[2] != one[1]]
    wrong = [one for one in read if one[1] not in (one[2], "no command")]
    assert len(home.by_name) >= 40 and len(sentences) >= 200 and not home.problems
    assert not dangerous
    assert len(wrong) <= len(sentences) * 5 // 100, "\n".join(map(str, wrong))


@pytest.mark.parametrize("language", ["en", "de"])
@pytest.mark.parametrize(("name", "home"), [("typed", "family"), ("odd", "odd"), ("numbered", "numbered")])
def test_typed_sentences(language: str, name: str, home: str) -> None:
    """Typing errors, greetings, negations, reports and several items command what is meant or nothing, also in homes with odd names."""
    items = items_of((DATA / f"{home}_{language}.items").read_text(encoding="utf-8"))
    reader, sentences = Reader(items, vocabulary(language)), sentences_of(f"{name}_{language}")
    readings = [(sentence, expected, reader.read(sentence, NOW)) for sentence, expected in sentences]
    read = [
        (sentence, expected, f"{told(one)} {one.pin if isinstance(one, ItemCommand) else ''}".strip())
        for sentence, expected, one in readings
    ]
    dangerous = [one for one in read if "=" in one[2] and one[2] != one[1]]
    wrong = [one for one in read if one[1] not in (one[2], "no command")]
    assert len(sentences) >= 60 and not items.problems
    assert not dangerous
    assert len(wrong) <= len(sentences) // 100, "\n".join(map(str, wrong))


@pytest.mark.parametrize("language", ["en", "de", "fr", "es", "it", "nl"])
def test_times_are_no_values(language: str) -> None:
    """A command for later or for a time is refused with the reason; numbers that are no times are values as before."""
    home = f"family_{language}" if language in READERS else language
    items = items_of((DATA / f"{home}.items").read_text(encoding="utf-8"))
    reader, sentences = Reader(items, vocabulary(language)), sentences_of(f"when_{language}")
    wrong = [(one, expected, told(reader.read(one, NOW))) for one, expected in sentences]
    wrong = [one for one in wrong if one[2] != one[1]]
    assert not [one for one in wrong if "=" in one[2]]
    assert len(wrong) <= len(sentences) * 3 // 100, "\n".join(map(str, wrong))


@pytest.mark.parametrize(
    ("sentence", "expected"),
    [
        ("timer 5 min", "Timer=5 min"),
        ("timer at 6 pm", "asked"),
        ("scene evening", "Scene=EVENING"),
        ("evening light on", "Light=ON"),
        ("evening light on in the evening", "later"),
        ("evening light in the evening?", "Light?"),
        ("level 6", "Level=6"),
        ("level at 6", "asked"),
        ("level at 6.30", "asked"),
        ("level at 30.5", "Level=30.5"),
        ("power at 6 kW", "Power=6 kW"),
        ("heating at 19", "Heating=19"),
        ("heating at 6", "asked"),
        ("turn the heating up at 19", "later"),
        ("meter at 6", "not taken"),
        ("lamp 6 on", "Lamp=ON"),
        ("lamp on at six", "asked"),
        ("lamp on in 6", "asked"),
        ("lamp 6 on for 5", "later"),
        ("scene evening in 5", "later"),
        ("heating on for 20", "later"),
        ("heating on for 20 °C", "Heating=20 °C"),
        ("level on for 90", "later"),
        ("level on for 90 %", "Level=90"),
        ("level for 20", "Level=20"),
        ("meter tomorrow", "asked"),
        ("note see you tomorrow at six", "Note=see you tomorrow at six"),
    ],
)
def test_times_by_item(sentence: str, expected: str) -> None:
    """A time is none in the name, in the words, in the unit or in the text of an item."""
    items = items_of("""
Number:Time Timer "Timer" { twilio="timer" }
String Scene "Scene" { twilio="scene" [ commands="EVENING=evening,DAY=day" ] }
Switch Light "Evening light" { twilio="" }
Dimmer Level "Level" { twilio="level" }
Number:Power Power "Power" { twilio="power" }
Number:Temperature Heating "Heating" { twilio="heating" }
Switch Lamp "Lamp 6" { twilio="" }
Number Meter "Meter" { twilio="meter" [ can="read" ] }
String Note "Note" { twilio="note" }
""")
    assert told(Reader(items, vocabulary("en")).read(sentence, NOW)) == expected


def test_no_dangerous_misreading() -> None:
    """Guarded items are commanded only by sentences that mean exactly that, and no sentence commands what it does not mean."""
    for language, sentence, expected in corpus():
        reading = READERS[language].read(sentence, NOW)
        if isinstance(reading, ItemCommand):
            assert expected == told(reading), sentence


_WORDS = sorted({word for _, sentence, _ in corpus() for word in sentence.split()})


@settings(max_examples=600, deadline=None)
@given(st.lists(st.one_of(st.sampled_from(_WORDS), st.text(max_size=8)), max_size=8).map(" ".join))
def test_commands_only_what_is_named(text: str) -> None:
    """An item is commanded only if its name is in the sentence, up to typing errors; a guarded one only exactly."""
    for reader in READERS.values():
        reading = reader.read(text, NOW)
        if not isinstance(reading, ItemCommand):
            continue
        said = set(tokens(text))
        names = reading.item.names
        joined = {token for name in names for token in ("".join(name), "".join(reversed(name)))}
        exact = any(set(name) <= said for name in names) or bool(joined & said)
        if reading.item.is_guarded:
            assert exact, text
        else:
            letters = re.sub(r"\W", "", "".join(sorted(said)))
            shortest = min(len("".join(name)) for name in names)
            assert exact or len(letters) >= shortest - 2, text


@settings(max_examples=300, deadline=None)
@given(st.text(max_size=300))
def test_any_text(text: str) -> None:
    """Any text is read without an error."""
    for reader in READERS.values():
        assert isinstance(
            reader.read(text, NOW), ItemCommand | ItemQuestion | Doubt | NotTaken | Timed | Keyword | NotUnderstood
        )


@pytest.mark.parametrize(
    "text",
    [
        "lamp on",
        "lamp " * 80,
        "xlamp ylamp zlamp",
        "foo bar baz on " * 26,
        f"is the {'lamps in room ' * 26}?",
        "y" * 400,
    ],
)
def test_thousand_items(text: str) -> None:
    """With a thousand items with similar names, no text takes long."""
    items = items_of("".join(f'Switch L{n} "L" {{ twilio="lamp {n}, lamp in room {n}" }}\n' for n in range(1000)))
    reader = Reader(items, vocabulary("de"))
    before = time.process_time()
    assert isinstance(reader.read(text, NOW), Doubt | NotUnderstood)
    assert time.process_time() - before < 2


@pytest.mark.parametrize(
    ("sentence", "value"),
    [
        ("wake up time 7:30", "2026-11-29T07:30:00"),
        ("set the wake up time to 18:05", "2026-11-28T18:05:00"),
        ("wake up time 7 am", "2026-11-29T07:00:00"),
        ("wake up time 7.15 p.m. please", "2026-11-28T19:15:00"),
        ("wake up time 12 am", "2026-11-29T00:00:00"),
        ("wake up time 2026-12-24 6:00", "2026-12-24T06:00:00"),
    ],
)
def test_moments(sentence: str, value: str) -> None:
    """A time of day means the next one."""
    reading = READERS["en"].read(sentence, NOW)
    assert isinstance(reading, ItemCommand) and reading.value == value


def test_pin_is_taken_off() -> None:
    """A PIN before or after a command is not part of it."""
    for sentence in ("4711 garage open", "garage open 4711"):
        reading = READERS["en"].read(sentence, NOW)
        assert isinstance(reading, ItemCommand) and (reading.value, reading.pin) == ("ON", "4711")


@pytest.mark.parametrize(
    ("sentence", "value", "pin"),
    [
        ("display 12345 urgent 1234", "12345 urgent", "1234"),
        ("display 1234 or 1234", "1234 or", "1234"),
        ("display Hello, my pin is 1234", "Hello", "1234"),
        ("display Hello (PIN: 1234).", "Hello", "1234"),
        ("display hello my pin is 1234 please", "hello", "1234"),
        ("display Hello, pin 1234, thanks!", "Hello", "1234"),
        ("my pin is 1234 display it's 12345", "it's 12345", "1234"),
        ("1234: display hello", "hello", "1234"),
        ("display meet at 1830 please", "meet at 1830 please", ""),
        ("display room 1234 or 1234 please", "room 1234 or 1234 please", ""),
        (f"display {'x ' * 195}1234 end", f"{'x ' * 195}1234 end", ""),
    ],
)
def test_pin_with_any_text(sentence: str, value: str, pin: str) -> None:
    """Only a number at an end is the PIN, and it leaves the text as a whole, with the words that announce it."""
    home = items_of('String Display "Display" { twilio="display" [ pin=true ] }')
    reading = Reader(home, vocabulary("en")).read(sentence, NOW)
    assert isinstance(reading, ItemCommand) and (reading.value, reading.pin) == (value, pin)


@pytest.mark.parametrize(
    ("sentence", "expected"),
    [
        ("undo", "UNDO"),
        ("could you undo that, please?", "UNDO"),
        ("undo?", "none"),
        ("undo? thanks", "none"),
        ("undo 🤔", "none"),
        ("could you undo that? 👎", "none"),
        ("status?", "STATUS"),
        ("status 🤔", "STATUS"),
        ("lamp on? thanks", "Lamp?"),
        ("lamp on?thanks a lot", "Lamp?"),
        ("thanks, lamp on", "Lamp=ON"),
        ("please? lamp on", "Lamp=ON"),
        ("could you turn the lamp on? thanks", "Lamp=ON"),
        ("is the lamp off? turn it on", "Lamp=ON"),
        ("is the lamp off? turn it on?thanks", "Lamp?"),
        ("display hello? thanks", "Display=hello? thanks"),
    ],
)
def test_questions_are_no_commands(sentence: str, expected: str) -> None:
    """A question mark after the command makes it a question, unless it is polite; a question or a sign of doubt undoes nothing."""
    home = items_of('Switch Lamp { twilio="lamp" }\nString Display { twilio="display" }')
    assert told(Reader(home, vocabulary("en")).read(sentence, NOW)) == expected


_EXAMPLES = sorted((Path(__file__).parents[3] / "examples" / "items").glob("commands_*.items"))


@pytest.mark.parametrize("path", _EXAMPLES, ids=[path.stem for path in _EXAMPLES])
def test_examples(path: Path) -> None:
    """An example has at most five lines, its metadata is valid, and the sentences in its comment have a meaning."""
    text = path.read_text(encoding="utf-8")
    assert len(text.splitlines()) <= 5
    items = items_of(text)
    assert not items.problems
    for sentence in re.findall(r'"([^"]+)"', text.splitlines()[0]):
        reading = Reader(items, vocabulary("en")).read(sentence, NOW)
        assert isinstance(reading, ItemCommand | ItemQuestion | Keyword), sentence


def test_groups_ask_for_what_their_members_ask_for() -> None:
    """A command to a group reaches its members, also in nested groups, so it needs their PINs and confirmations."""
    found = items_of("""
Group House "House" { twilio="house" }
Group Doors "Doors" (House) { twilio="doors" }
Group Lights "Lights" (House) { twilio="lights" }
Switch Garage "Garage" (Doors) { twilio="garage" [ pin=true ] }
Switch Gate "Gate" (Doors) { twilio="gate" [ callback=true, confirm=true ] }
Switch Lamp "Lamp" (Lights) { twilio="lamp" }
""").by_name
    guards = {name: (one.needs_pin, one.needs_confirmation, one.needs_callback) for name, one in found.items()}
    assert guards["Doors"] == guards["House"] == (True, True, True)
    assert guards["Lights"] == guards["Lamp"] == (False, False, False)


def test_words_that_reach_guarded_items() -> None:
    """Also the labels of the groups above them, because openHAB's interpreter accepts these without a PIN."""
    found = items_of("""
Group House "Mansion"
Group Doors "Entrances" (House) { synonyms="portals" }
Group Lights "Lights" (House)
Switch Garage "Garage" (Doors) { twilio="garage" [ pin=true ] }
Switch Lamp "Lamp" (Lights) { twilio="lamp" }
""")
    assert found.guarded_words == {"mansion", "entrances", "portals", "garage"}


@pytest.mark.parametrize(
    ("sentence", "expected"),
    [
        ("heating +2", "Heating=by +2"),
        ("dimmer +10", "Dimmer=by +10"),
        ("dimmer -10%", "Dimmer=by -10"),
        ("dimmer -10", "not taken"),
        ("set heating to +2", "Heating=2"),
        ("heating -2", "Heating=-2"),
        ("heating 2", "Heating=2"),
        ("thermostat warmer", "Thermostat=by +1"),
        ("turn the thermostat up please", "Thermostat=by +1"),
        ("thermostat a bit colder", "Thermostat=by -1"),
        ("thermostat warmer?", "Thermostat?"),
        ("thermostat up down", "not taken"),
        ("thermostat on", "not taken"),
        ("heating warmer", "not taken"),
    ],
)
def test_a_difference_is_no_value(sentence: str, expected: str) -> None:
    """A sign makes a difference: "+2" means two degrees more, not two degrees. Without a number, "warmer" is one degree."""
    items = items_of("""
Number Heating "Heating" { twilio="heating" }
Dimmer Dimmer "Dimmer" { twilio="dimmer" }
Number:Temperature Thermostat "Thermostat" { twilio="thermostat" }
""")
    assert told(Reader(items, vocabulary("en")).read(sentence, NOW)) == expected


def test_one_degree_more_is_in_the_unit_that_is_shown() -> None:
    """Warmer means one degree of the pattern, because people see that; without a pattern, the state decides."""
    entry = {"name": "Heating", "type": "Number:Temperature", "label": "Heating", "metadata": {"twilio": {"value": ""}}}
    for pattern, expected in (
        ("%.1f °C", "by +1 °C"),
        ("%.0f °F", "by +1 °F"),
        ("%.1f %unit%", "by +1"),
        ("", "by +1"),
    ):
        items = read_items([{**entry, "stateDescription": {"pattern": pattern}}])
        assert told(Reader(items, vocabulary("en")).read("heating warmer", NOW)) == f"Heating={expected}"


@pytest.mark.parametrize(
    ("sentence", "expected"),
    [
        ("zone3 on", "none"),
        ("zones off", "asked"),
        ("zone 2 off", "Zone_2=OFF"),
        ("zome2 off", "Zone_2=OFF"),
        ("lamp 1, 2 on", "asked"),
        ("lamp 1+2 on", "asked"),
        ("lamp 1 2", "asked"),
        ("lamp 1 2 %", "Lamp_1=2"),
        ("lamp 1 to 2", "Lamp_1=2"),
        ("lamp 1 up 2", "Lamp_1=by +2"),
        ("hall, lamp 2 on", "asked"),
        ("hall lamp 20", "Hall=20"),
        ("stairs, lamp 2 on", "asked"),
        ("lamp 1 40", "Lamp_1=40"),
    ],
)
def test_numbers_of_other_items(sentence: str, expected: str) -> None:
    """A number is no typing error for another one, and the number of another item is no value."""
    kinds = (("Switch", "Zone", 2), ("Switch", "Zone", 12), ("Dimmer", "Lamp", 1), ("Dimmer", "Lamp", 2))
    text = "\n".join(f'{kind} {name}_{no} "{name} {no}" {{ twilio="" }}' for kind, name, no in kinds)
    items = items_of(f'{text}\nDimmer Hall "Hall lamp" {{ twilio="" }}\nDimmer Stairs "Stairs light" {{ twilio="" }}')
    assert told(Reader(items, vocabulary("en")).read(sentence, NOW)) == expected


@pytest.mark.parametrize(
    ("language", "sentence", "expected"),
    [
        ("de", "Licht ein", "Licht=ON"),
        ("de", "Lampe 1 ein", "Lampe=ON"),
        ("de", "Licht ein wenig heller", "Licht=INCREASE"),
        ("de", "Licht ein Prozent heller", "Licht=by +1"),
        ("de", "Lampe eins an", "Lampe=ON"),
        ("fr", "licht un peu plus", "Licht=INCREASE"),
        ("es", "licht un poco más", "Licht=INCREASE"),
        ("nl", "licht een beetje feller", "Licht=INCREASE"),
    ],
)
def test_words_that_are_numbers_too(language: str, sentence: str, expected: str) -> None:
    """The words "ein" and "un" are no digits where an item has "1" in its name: "Licht ein" does not dim the light to 1 %."""
    items = items_of('Dimmer Licht "Licht" { twilio="" }\nSwitch Lampe "Lampe 1" { twilio="" }')
    assert told(Reader(items, vocabulary(language)).read(sentence, NOW)) == expected


def test_typing_errors_do_not_make_another_room() -> None:
    """Two are tolerated in a long word, but not in its first letter, which makes another word."""
    items = items_of('Switch Dining "Diningroom light" { twilio="" }')
    reader = Reader(items, vocabulary("en"))
    assert told(reader.read("dinngrom light on", NOW)) == "Dining=ON"
    assert told(reader.read("livingroom light on", NOW)) in ("asked", "none")


def test_mistakes_in_metadata() -> None:
    """Mistakes are reported with item and parameter; a doubtful `pin` counts as true, and unknown values of `can` are ignored."""
    found = items_of("""
Switch A "A" { twilio="a" [ can="write", pin="maybe", key=12, colour="red" ] }
Switch B "B" { twilio="b" [ pin="true", key="3" ] }
""")
    a, b = found.by_name["A"], found.by_name["B"]
    assert (a.can_read, a.can_command, a.needs_pin, a.key) == (False, False, True, 0)
    assert (b.needs_pin, b.key) == (True, 3)
    assert [next(word for word in ("colour", "can", "pin", "key") if word in one) for one in found.problems] == [
        "colour", "can", "key", "pin",
    ]  # fmt: skip
    assert all(one.startswith("item A, metadata twilio: ") for one in found.problems)


@pytest.mark.parametrize(
    ("sentence", "expected"),
    [
        ("target humidity 50 %", "Target=50 %"),
        ("target humidity 50", "Target=50 %"),
        ("heating 50 %", "not taken"),
        ("scene movie", "Scene=MOVIE"),
    ],
)
def test_percent(sentence: str, expected: str) -> None:
    """A percentage goes out with its unit, so that it is none of one, and is no temperature."""
    items = read_items(
        [
            {
                "name": name,
                "type": kind,
                "label": name,
                "groupNames": [],
                "stateDescription": {"pattern": pattern},
                "metadata": {
                    "twilio": {"value": called, "config": {"commands": "MOVIE=movie"} if kind == "String" else {}}
                },
            }
            for name, kind, pattern, called in (
                ("Target", "Number:Dimensionless", "%d %%", "target humidity"),
                ("Heating", "Number:Temperature", "%.1f °C", "heating"),
                ("Scene", "String", "%s", "scene"),
            )
        ]
    )
    assert told(Reader(items, vocabulary("en")).read(sentence, NOW)) == expected
    assert items.by_name["Scene"].said == {"MOVIE": "movie"}


_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=6)
    | st.sampled_from([",", " , ", "²", "🎄", "ON=on,OFF", "read", "true", "lamp", "status", "1"]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=4), inner, max_size=3),
    max_leaves=5,
)  # fmt: skip
_CONFIG = st.dictionaries(
    st.sampled_from(["can", "key", "pin", "confirm", "callback", "status", "states", "commands", "x"]), _JSON
)
_METADATA = st.fixed_dictionaries({}, optional={"value": _JSON, "config": _CONFIG | _JSON})
_DESCRIPTION = st.none() | st.fixed_dictionaries(
    {}, optional={"pattern": _JSON, "options": _JSON, "commandOptions": _JSON, "minimum": _JSON, "maximum": _JSON}
)
_ENTRY = st.fixed_dictionaries(
    {
        "type": st.sampled_from(["Switch", "Dimmer", "Number:Power", "String", "Group", "Color", "DateTime", "Other"]),
        "label": st.none() | st.text(max_size=8),
        "groupNames": st.none() | st.lists(st.sampled_from(["I0", "I1", "gone"]), max_size=2),
        "stateDescription": _DESCRIPTION,
        "commandDescription": _DESCRIPTION,
        "metadata": st.fixed_dictionaries(
            {"twilio": _METADATA | _JSON}, optional={"synonyms": st.fixed_dictionaries({"value": _JSON})}
        ),
    }
)


@settings(max_examples=300, deadline=None)
@given(st.lists(_ENTRY, max_size=4))
def test_any_metadata(entries: list[dict[str, object]]) -> None:
    """Whatever metadata is, one item never takes the others with it: all are read, and sentences about them."""
    good = {"name": "Lamp", "type": "Switch", "label": "Good lamp", "metadata": {"twilio": {"value": "good lamp"}}}
    items = read_items([*({**one, "name": f"I{number}"} for number, one in enumerate(entries)), good])
    reader = Reader(items, vocabulary("en"))
    for sentence in ("1 on", "status", "lamp 50 %", "all off?", "on"):
        reader.read(sentence, NOW)
    for item in items.by_name.values():
        for value in ("ON", "21.5 °C", "1,2,3", "a,b,c", "1E400", "NULL", "x"):
            shown(item, ItemState(value=value), catalogue("en"))
    assert items.by_name["Lamp"].names == (("good", "lamp"),)


def test_an_item_without_a_name() -> None:
    """Names of signs alone are nothing that somebody can text: the label counts; without one, that is told."""
    items = items_of('Switch A "Lamp" { twilio=" , " }\nSwitch B "🎄" { twilio="🎄" }')
    assert items.by_name["A"].names == (("lamp",),)
    assert items.problems == ("item B, metadata twilio: no name contains a letter or a digit; add one that does",)


@pytest.mark.parametrize("between", [" ", "\n", " please" * 80, "\u200b", " \u202e "])
def test_the_end_of_a_long_text_counts(between: str) -> None:
    """What is too long to be read to its end commands nothing, and blanks make no text too long."""
    reader = READERS["en"]
    assert told(reader.read(f"kitchen light on{between * 500}but not now", NOW)) in ("none", "asked")
    assert told(reader.read(f"kitchen light on{' ' * 500}", NOW)) == "Kitchen_Light=ON"


def test_long_free_text() -> None:
    """An item for any text gets all of it."""
    reader = Reader(items_of('String Note "Note" { twilio="note" }'), vocabulary("en"))
    reading = reader.read(f"note {'buy milk ' * 100}", NOW)
    assert isinstance(reading, ItemCommand) and len(reading.value) > 890
