"""The relay rule as openHAB stores it, and the text with which the service runs it.

The rule is written in Rules DSL, which openHAB has since 4.0. It runs with a secret and one line for each event:

    <milliseconds to wait> <id> <item>=<state>&<item>!<command> <channel UID> <payload>

Missing items and a missing channel are `-`; states and commands are percent-encoded. A line with only milliseconds is a
pause. Each id takes effect once: the rule remembers the latest ids.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

from twilio_binding.openhab.registries.rules import RULE_UID

DONE_CHANNEL = "twilio:relay:service:done"
"""Fired with the id of an event that has no trigger, or that the rule has seen before."""
REFUSED_CHANNEL = "twilio:relay:service:refused"
"""Fired with id, item and reason, separated by blanks, for each item that did not accept its state."""
PAUSE = 5
"""Milliseconds between two events of the same thing, in which rules that its items trigger can read the items."""
SHORT_PAUSE = 2
"""The same, if no rule is known that reads them. Rules on the trigger need no pause: the next event waits for them
(`RuleRuns`)."""

_SCRIPT = """\
// twilio-relay 2
val String raw = input as String
val int cut = raw.indexOf("\\n")
if (cut > 0 && raw.substring(0, cut) == "%(secret)s") {
    var seen = java.lang.System.getProperties().get("twilio.relay.seen") as java.util.Set<String>
    if (seen === null) {
        seen = java.util.Collections.synchronizedSet(new java.util.LinkedHashSet<String>())
        java.lang.System.getProperties().put("twilio.relay.seen", seen)
    }
    val bus = org.openhab.core.model.script.ScriptServiceUtil.getEventPublisher()
    val done = new org.openhab.core.thing.ChannelUID("%(done)s")
    for (String line : raw.substring(cut + 1).split("\\n")) {
        val String[] part = line.split(" ", 5)
        if (part.get(0) != "0") {
            java.lang.Thread.sleep(java.lang.Long.parseLong(part.get(0)))
        }
        if (part.length == 5 && (part.get(3) == "-" || part.get(3).startsWith("twilio:"))) {
            if (seen.add(part.get(1))) {%(states)s
                if (part.get(3) == "-") {
                    bus.post(org.openhab.core.thing.events.ThingEventFactory.createTriggerEvent(part.get(1), done))
                } else {
                    bus.post(org.openhab.core.thing.events.ThingEventFactory.createTriggerEvent(part.get(4), new org.openhab.core.thing.ChannelUID(part.get(3))))
                }
                if (seen.size > 10000) {
                    seen.remove(seen.iterator.next)
                }
            } else {
                bus.post(org.openhab.core.thing.events.ThingEventFactory.createTriggerEvent(part.get(1), done))
            }
        }
    }
}
"""
_STATES = """
                for (String pair : part.get(2).split("&")) {
                    val int mark = java.lang.Math.max(pair.indexOf("="), pair.indexOf("!"))
                    if (mark > 0) {
                        val String name = pair.substring(0, mark)
                        var String wrong = ""
                        try {
                            val target = org.openhab.core.model.script.ScriptServiceUtil.getItemRegistry().getItem(name)
                            val String text = java.net.URLDecoder.decode(pair.substring(mark + 1), "UTF-8")
                            var org.openhab.core.types.State made = null
                            if (target instanceof org.openhab.core.library.items.StringItem) {
                                made = new org.openhab.core.library.types.StringType(text)
                            } else {
                                made = org.openhab.core.types.TypeParser.parseState(target.acceptedDataTypes, text)
                            }
                            if (made === null) {
                                wrong = "an item of type " + target.type + " cannot take it"
                            } else {
                                if (pair.substring(mark).startsWith("!")) {
                                    bus.post(org.openhab.core.items.events.ItemEventFactory.createCommandEvent(name, new org.openhab.core.library.types.StringType(text)))
                                }
                                (target as org.openhab.core.items.GenericItem).setState(made)
                            }
                        } catch (org.openhab.core.items.ItemNotFoundException e) {
                            wrong = "there is no such item"
                        } catch (Throwable e) {
                            wrong = "openHAB failed to set it: " + e.getClass().getName()
                        }
                        if (wrong != "") {
                            bus.post(org.openhab.core.thing.events.ThingEventFactory.createTriggerEvent(part.get(1) + " " + name + " " + wrong, new org.openhab.core.thing.ChannelUID("%(refused)s")))
                        }
                    }
                }"""
_ESCAPED = re.compile(r"[\x00-\x20%&+=!\x7f\ud800-\udfff]")


@dataclass(frozen=True, slots=True, kw_only=True)
class ItemState:
    """The state that an item gets through its link to a channel; a command also goes to the item's own rules."""

    item: str
    link: str
    text: str
    is_command: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Firing:
    """One event for the rule: states, then a trigger ("" for none). `id` is unique forever, `payload` is one line.

    The next event of the same thing may begin after `pause` milliseconds.
    """

    id: str
    thing: str
    states: tuple[ItemState, ...] = ()
    channel: str = ""
    payload: str = ""
    pause: int = PAUSE


def rule(secret: str, *, sets_states: bool = True) -> dict[str, Any]:
    """The rule; the variant that sets no states is for openHABs that do not understand the other."""
    names = {"secret": secret, "done": DONE_CHANNEL, "refused": REFUSED_CHANNEL}
    script = _SCRIPT % (names | {"states": _STATES % names if sets_states else ""})
    configuration = {"type": "application/vnd.openhab.dsl.rule", "script": script}
    return {
        "uid": RULE_UID,
        "name": "Twilio relay",
        "description": "Sets items and fires trigger channels for Twilio for openHAB. The service keeps this rule up to date.",
        "tags": ["twilio"],
        "visibility": "EXPERT",
        "configuration": {},
        "triggers": [],
        "conditions": [],
        "actions": [{"id": "1", "type": "script.ScriptAction", "configuration": configuration, "inputs": {}}],
    }


def script_of(rule: dict[str, Any]) -> object:
    """The script of a rule, from openHAB's JSON."""
    actions = rule.get("actions") or [{}]
    return (actions[0].get("configuration") or {}).get("script")


def run_text(secret: str, firings: Sequence[Firing]) -> str:
    """The input of a run: events in order, with a pause between those of one thing, and one at the end."""
    return "\n".join((secret, *_lines(firings)))


def _lines(firings: Sequence[Firing]) -> Iterable[str]:
    left: dict[str, int] = {}
    """Milliseconds until the next event of a thing."""
    for firing in firings:
        pause = left.get(firing.thing, 0)
        left = {thing: more - pause for thing, more in left.items() if more > pause} | {firing.thing: firing.pause}
        states = "&".join(f"{one.item}{'!' if one.is_command else '='}{_escaped(one.text)}" for one in firing.states)
        yield f"{pause} {firing.id} {states or '-'} {firing.channel or '-'} {firing.payload}"
    if pause := max(left.values(), default=0):
        yield str(pause)


def _escaped(text: str) -> str:
    return _ESCAPED.sub(lambda found: quote(found[0], safe="", errors="replace"), text)
