"""Items linked to channels: whether the channel exists, the item accepts its states, and the profile works.

Also the items that alarms name: a condition about an item or a state that does not exist never starts its alarm.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from twilio_binding.doctor.case import Case
from twilio_binding.doctor.links.link import Link
from twilio_binding.doctor.results import LinkResult, failed, ok, skipped, warning
from twilio_binding.errors import DependencyDownError
from twilio_binding.model.alarm_plan import commanded_items, read_plan
from twilio_binding.model.alarms import PLACEHOLDER
from twilio_binding.model.watch_conditions import ItemIs, read_conditions, watched_items
from twilio_binding.openhab import ItemLink, ItemLinks, OpenHABRefusedError, OpenHABRequests, RestClient, item_types
from twilio_binding.plurals import counted
from twilio_binding.protocol.thing_types import channel_of

_ALSO = {"Switch": {"Dimmer", "Color"}, "Number": {"Dimmer", "Rollershutter"}}
"""Item types that accept the states of others."""
_AS_IS = ("", "system:default", "system:timestamp-offset")
_GIVES = {
    "system:timestamp-update": "DateTime",
    "system:timestamp-trigger": "DateTime",
    "system:trigger-event-string": "String",
}
"""The type of state that a profile makes of a state or an event."""
_STATES = {"Switch": ("ON", "OFF"), "Contact": ("OPEN", "CLOSED"), "Player": ("PLAY", "PAUSE", "REWIND", "FASTFORWARD")}
"""All states of items of a type."""
_NUMBERS = ("Number", "Dimmer", "Rollershutter")
"""Types of items whose states are numbers."""
_NO_STATES = ("NULL", "UNDEF")


def look(case: Case) -> Iterator[LinkResult]:
    """Reads all links and items."""
    if not case.is_openhab_up:
        yield skipped("not tested: openHAB cannot be used")
        return
    requests, links = OpenHABRequests(case.settings.openhab), ItemLinks()
    try:
        links.read(RestClient(requests))
        types = item_types(requests)
    except (DependencyDownError, OpenHABRefusedError) as error:
        yield failed(str(error), "see openHAB's log, and run the doctor again")
        return
    finally:
        requests.close()
    yield from _judge(case, links, types)
    yield from _items_of_alarms(case, types)
    yield from _conditions_of_alarms(case, types)


def _judge(case: Case, links: ItemLinks, types: Mapping[str, str]) -> Iterator[LinkResult]:
    things = case.things.usable | {thing.uid for thing in case.things.broken}
    problems = links.problems(things, has_profiles=case.script_answers)
    for link in links.all():
        reason = problems.get((link.item, link.channel), "") or _misfit(link, types)
        if reason:
            cause, _, cure = reason.partition("; ")
            facts = {"item": link.item, "channel": link.channel, "profile": link.profile}
            cure = cure or 'add [profile="timestamp-trigger"] to the link, or link a state channel'
            yield warning(f"{link.item} and {link.channel}: {cause}", cure, facts)
    linked = [link.item for link in links.all()]
    count, items = len(linked), len({*linked})
    if not count:
        yield ok("no item is linked to a channel; rules still get triggers", {"links": 0})
    else:
        yield ok(f"{counted(count, 'link')} of {counted(items, 'item')}", {"links": count, "items": items})


def _items_of_alarms(case: Case, types: Mapping[str, str]) -> Iterator[LinkResult]:
    """The items that alarms name, and that openHAB does not have."""
    for uid, alarm in case.things.alarms.items():
        for parameter, names in (
            ("startsWhen", watched_items(read_conditions(alarm.starts_when))),
            ("steps", commanded_items(read_plan(alarm.steps))),
            ("message", PLACEHOLDER.findall(alarm.message)),
        ):
            for name in dict.fromkeys(names):
                if name not in types:
                    cause = f"{uid}: {parameter} names the item {name}, which openHAB does not have"
                    cure = f"correct the name in {parameter}, or create the item"
                    yield warning(cause, cure, {"item": name, "alarm": str(uid), "parameter": parameter})


def _conditions_of_alarms(case: Case, types: Mapping[str, str]) -> Iterator[LinkResult]:
    """The conditions of alarms that compare an item to a state that it never has."""
    for uid, alarm in case.things.alarms.items():
        for one in read_conditions(alarm.starts_when):
            kind = types.get(one.item, "").partition(":")[0] if isinstance(one, ItemIs) else ""
            if isinstance(one, ItemIs) and (has := _other_states(one, kind)):
                said = f"{one.item} {one.operator} {one.value}"
                facts = {"item": one.item, "alarm": str(uid), "parameter": "startsWhen"}
                cause = f"{uid}: startsWhen says {said}, but an item of type {kind} has {has}"
                yield warning(cause, "correct the condition, or name another item", facts)


def _other_states(condition: ItemIs, kind: str) -> str:
    """The states of an item of a type, if the condition compares it to others; "" if all is well."""
    value = condition.value.upper()
    if kind == "Group":
        return "no state; only groups with a type have one, such as Group:Switch:OR(ON,OFF)"
    if value in _NO_STATES:
        return ""
    if kind in _STATES:
        is_one = condition.operator in ("=", "!=") and value in _STATES[kind]
        return "" if is_one else f"the states {', '.join(_STATES[kind])}"
    return "numbers as states" if kind in _NUMBERS and not condition.is_about_a_number else ""


def _misfit(link: ItemLink, types: Mapping[str, str]) -> str:
    """Why an item does not accept the states of the link, and what to do; "" if it does, or gets none."""
    has = types.get(link.item)
    if has is None:
        return "there is no such item; remove the link, or create the item"
    channel = channel_of(*link.channel.rpartition(":")[::2])
    gives = _GIVES.get(link.profile) or (channel.item if channel and link.profile in _AS_IS else "")
    kind = has.partition(":")[0]
    if not gives or kind in (gives, "String") or kind in _ALSO.get(gives, ()):
        return ""
    return f"an item of type {has} cannot take a state of type {gives}; link an item of type {gives}"


LINK = Link(id="item-links", title="openHAB: items and channels", look=look, seconds=lambda _: 30.0)
