"""Which rules look at the items of an event."""

from __future__ import annotations

from typing import Any

import pytest

from twilio_binding.openhab.registries.rules import RuleListeners

_CHANNEL = "twilio:phone:a:b:sms-received"


def _trigger(kind: str, **configuration: str) -> dict[str, Any]:
    return {"type": kind, "configuration": configuration}


@pytest.mark.parametrize(
    ("trigger", "looks"),
    [
        (_trigger("core.ItemStateUpdateTrigger", itemName="Body"), True),
        (_trigger("core.ItemStateChangeTrigger", itemName="Body"), True),
        (_trigger("core.ItemCommandTrigger", itemName="Other"), False),
        (_trigger("core.GroupStateUpdateTrigger", groupName="All"), True),
        (_trigger("core.GenericEventTrigger", topic="openhab/items/*/stateupdated"), True),
        (_trigger("core.GenericEventTrigger", topic="openhab/channels/twilio:*/triggered"), False),
        (_trigger("core.GenericEventTrigger"), True),
        (_trigger("core.ChannelEventTrigger", channelUID=_CHANNEL), False),
        (_trigger("core.ThingStatusChangeTrigger", thingUID="twilio:phone:a:b"), False),
        (_trigger("core.SystemStartlevelTrigger", startlevel="100"), False),
        (_trigger("timer.GenericCronTrigger", cronExpression="0 * * * * ?"), False),
        (_trigger("somebody.elses"), True),
        ({"type": "core.ItemStateUpdateTrigger"}, True),
        ({}, True),
    ],
)
def test_rules_that_items_trigger(trigger: dict[str, Any], *, looks: bool) -> None:
    """A rule on an item of an event looks, and so may one on whatever is not known here."""
    rules = RuleListeners()
    assert rules.on.look_at(["Body"])
    rules.load([{"uid": "one", "status": {"status": "IDLE"}, "triggers": [trigger]}])
    assert rules.on.look_at(["From", "Body"]) is looks
    assert not rules.on.look_at([])


def test_rules_that_cannot_run() -> None:
    """A disabled rule looks at nothing, and the relay rule is none that looks."""
    rules = RuleListeners()
    triggers = [_trigger("core.ItemStateUpdateTrigger", itemName="Body")]
    rules.load(
        [
            {"uid": "off", "status": {"status": "UNINITIALIZED"}, "triggers": triggers},
            {"uid": "twilio-relay", "status": {"status": "IDLE"}, "triggers": triggers},
        ]
    )
    assert not rules.on.look_at(["Body"])
