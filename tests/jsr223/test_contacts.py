"""Contacts and alarms in openHAB: added like any thing, with commands, states and native actions."""

from __future__ import annotations

import json
import queue
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import pytest

from tests.conftest import Announced
from tests.jsr223.conftest import ACCOUNT, PHONE, SECRET, Expected, Stack, describe
from tests.unit.alarms.alarm_office import FIRE as OFFICE_FIRE
from tests.unit.alarms.alarm_office import AlarmOffice, ScriptedTwilio, number
from tests.waiting import wait_until
from twilio_binding.openhab.http import OpenHABRequests
from twilio_binding.openhab.notifications import Notifications
from twilio_binding.protocol.commands import Command
from twilio_binding.protocol.errors import Refusal
from twilio_binding.protocol.events import BridgeEvent
from twilio_binding.protocol.replies import Reply
from twilio_binding.protocol.requests import Request
from twilio_binding.settings import OpenHABSettings

ADA, FIRE = "twilio:contact:home:ada", "twilio:alarm:home:fire"


class Household:
    """The stack with a contact and an alarm, and the commands that reached the service."""

    def __init__(self, stack: Stack) -> None:
        self.stack = stack
        self.commands: queue.Queue[Command] = queue.Queue()
        exchange = stack.service.exchange
        exchange.commands.follow = self._take
        exchange.commands.wanted = lambda: True
        topic = exchange.commands.subscription
        wait_until(lambda: exchange._connection.subscriptions.is_granted(topic), 30, "the subscription")
        stack.service.show(describe(ACCOUNT), describe(PHONE), describe(ADA), describe(FIRE))
        stack.add(ADA, ACCOUNT, phoneNumber="+15557654321")
        stack.add(FIRE, ACCOUNT, steps="text ada")
        stack.wait_for(ADA, "ONLINE")
        stack.wait_for(FIRE, "ONLINE")

    def _take(self, command: Command, taken: object) -> None:
        self.commands.put(command)
        if callable(taken):
            taken()

    def command(self, thing: str, channel: str, kind: str, value: str = "") -> None:
        """Command a channel, as a linked item does."""
        self.stack.openhab.control("command", thing=thing, channel=channel, type=kind, value=value)

    def asked(self) -> Request:
        """The requests to the service."""
        return self.stack.service.asked()


@pytest.fixture
def household(stack: Stack) -> Iterator[Household]:
    """A contact and an alarm that are online."""
    made = Household(stack)
    yield made
    for uid in (ADA, FIRE):
        stack.remove(uid)


def test_thing_types_are_offered(household: Household) -> None:
    """Both can be added in the UI: with all parameters, the PIN hidden, and a choice of rights."""
    types = household.stack.openhab.get("thing-types")
    assert isinstance(types, list)
    assert {"twilio:account", "twilio:phone", "twilio:contact", "twilio:alarm"} <= {one["UID"] for one in types}
    described = household.stack.openhab.get("config-descriptions/thing-type:twilio:contact")
    assert isinstance(described, dict)
    parameters = {one["name"]: one for one in described["parameters"]}
    assert parameters["pin"]["context"] == "password"
    assert parameters["phoneNumber"]["required"] and not parameters["phone"]["required"]
    rights = parameters["rights"]
    assert (rights["multiple"], [one["value"] for one in rights["options"]]) == (
        True, ["read", "command", "acknowledge"],
    )  # fmt: skip


def test_rights_in_a_file_are_one_text_and_in_the_ui_a_list(household: Household) -> None:
    """OpenHAB compares a text in a file as a whole with the options, and refused "read,command"."""
    stack = household.stack
    eve, tom = "twilio:contact:home:eve", "twilio:contact:home:tom"
    stack.service.show(describe(ACCOUNT), describe(PHONE), describe(eve), describe(tom))
    for uid, rights in ((eve, "read,command"), (tom, ["read", "command"])):
        stack.add(uid, ACCOUNT, phoneNumber="+15557654323", rights=rights)
        stack.wait_for(uid, "ONLINE")
        stack.remove(uid)


def test_channels_of_a_contact(household: Household) -> None:
    """Channels that accept commands are not read-only; the item of a message shows what they wrote, not what was sent."""
    channels = household.stack.thing(ADA)["channels"]
    assert isinstance(channels, list)
    items = {channel["id"]: channel.get("itemType") for channel in channels}
    assert items["unread"] == "Number" and items["message"] == "String" and items["message-received"] is None
    types = household.stack.openhab.get("channel-types")
    assert isinstance(types, list)
    found = {one["UID"]: one for one in types}
    writable = {uid for uid, one in found.items() if not one.get("stateDescription", {"readOnly": True})["readOnly"]}
    assert {
        "twilio:contact-message",
        "twilio:contact-unread",
        "twilio:alarm-active",
        "twilio:alarm-message",
    } == writable
    assert found["twilio:contact-message"]["autoUpdate"] == "VETO"


def test_commands_reach_the_service(household: Household) -> None:
    """A command of a linked item goes to the service with an id and a deadline; REFRESH does not."""
    household.command(ADA, "message", "Refresh")
    household.command(ADA, "message", "String", "Grüße 😀")
    household.command(ADA, "unread", "Decimal", "0")
    household.command(FIRE, "active", "OnOff", "ON")
    came = [household.commands.get(timeout=60) for _ in range(3)]
    assert [(one.thing, one.channel, one.value) for one in came] == [
        (ADA, "message", "Grüße 😀"),
        (ADA, "unread", "0"),
        (FIRE, "active", "ON"),
    ]
    assert {one.way for one in came} == {"script"}
    assert all(one.id and one.deadline for one in came)
    assert len({one.id for one in came}) == 3


def test_command_while_the_broker_is_away(household: Household, expected: Expected) -> None:
    """Without the broker, a command is not kept for later; the log says so, and openHAB continues."""
    expected("was not sent: not connected to the MQTT broker")
    broker = household.stack.service._broker
    broker.stop()
    try:
        wait_until(lambda: household.stack.status(ACCOUNT)[0] == "OFFLINE", 30)
        household.command(ADA, "message", "String", "lost")
    finally:
        broker.start()
    wait_until(lambda: household.stack.status(ADA)[0] == "ONLINE", 40)
    assert household.commands.empty()


def test_states_of_all_types(household: Household, line: OpenHABRequests) -> None:
    """Numbers and switches have these types in openHAB, and the trigger fires when the items have them."""
    links = (
        ("Unread", f"{ADA}:unread", "Number"),
        ("Fire", f"{FIRE}:active", "Switch"),
        ("Taken", f"{FIRE}:acknowledged-date", "DateTime"),
    )
    for item, channel, kind in links:
        household.stack.openhab.request("PUT", f"/rest/links/{item}/{channel}", {"type": kind})
    answers = household.stack.service.door.deliver(
        line,
        [
            BridgeEvent(id="c1", thing=ADA, states=(("unread", "3"),), channel="message-received", payload="{}"),
            BridgeEvent(
                id="c2",
                thing=FIRE,
                states=(("active", "ON"), ("acknowledged-date", "UNDEF")),
                channel="alarm-update",
                payload="{}",
            ),
            BridgeEvent(id="c3", thing=FIRE, states=(("unread", "3"),)),
            BridgeEvent(id="c4", thing=FIRE, states=(("active", "maybe"),)),
        ],
    )
    assert [answer.outcome for answer in answers] == ["done", "done", "unknown_channel", "bad_state"]
    assert [household.stack.openhab.get(f"items/{item}") for item in ("Unread", "Fire", "Taken")] == [
        "3",
        "ON",
        "UNDEF",
    ]
    assert {channel for channel, _ in household.stack.triggers()} >= {f"{ADA}:message-received", f"{FIRE}:alarm-update"}


@pytest.mark.parametrize("statically", [False, True], ids=["method", "twin for Rules DSL"])
@pytest.mark.parametrize(
    ("thing", "action", "values", "args"),
    [
        (ADA, "send", ("hi",), {"text": "hi"}),
        (ADA, "send", ("hi", "https://x/1"), {"text": "hi", "mediaUrl": "https://x/1"}),
        (ADA, "call", ("fire",), {"text": "fire"}),
        (ADA, "ask", ("Open?", "yes,no", "5"), {"question": "Open?", "answers": "yes,no", "minutes": "5"}),
        (FIRE, "startAlarm", (), {}),
        (FIRE, "startAlarm", ("Smoke",), {"message": "Smoke"}),
        (FIRE, "acknowledgeAlarm", ("Ada",), {"by": "Ada"}),
        (FIRE, "endAlarm", (), {}),
    ],
)
def test_native_actions(
    household: Household, thing: str, action: str, values: tuple[str, ...], args: dict[str, object], *, statically: bool
) -> None:
    """Rules call the actions of a contact and of an alarm as those of a phone, in every rule language."""
    result = household.stack.call(action, *values, thing=thing, static=statically)
    assert result["result"] is True
    request = household.asked()
    assert (request.thing, request.action, request.args) == (thing, action, args)


def test_each_thing_lists_its_own_actions(household: Household) -> None:
    """The UI offers a contact's actions with the contact, an alarm's with the alarm, and a phone's with the phone."""
    for thing, names in (
        (ADA, {"send", "call", "ask"}),
        (FIRE, {"startAlarm", "acknowledgeAlarm", "endAlarm"}),
        (PHONE, {"sendSMS", "sendWhatsApp", "makeCall", "makeTTSCall", "createItemMediaUrl", "createProxyMediaUrl",
                 "respondWithTwiml"}),
    ):  # fmt: skip
        actions = household.stack.openhab.get(f"actions/{thing}")
        assert isinstance(actions, list)
        assert {action["actionUid"].partition("#")[0] for action in actions} == {f"twilio.{name}" for name in names}


def test_whole_results_and_refusals(household: Household, expected: Expected) -> None:
    """A variant returns the whole result as JSON; a refusal is false, and is in the log."""
    expected("id_reused")
    assert json.loads(str(household.stack.call("sendResult", "hi", thing=ADA)["result"]))["ok"]
    household.stack.service.reply = lambda request: Reply(id=request.id, ok=False, code="id_reused", message="x")
    with ThreadPoolExecutor(1) as pool:
        assert pool.submit(household.stack.call, "send", "hi", thing=ADA).result(60)["result"] is False


def test_missing_parameter(household: Household) -> None:
    """A contact without a number says so at once."""
    household.stack.openhab.request("PUT", f"/rest/things/{ADA}/config", {"phoneNumber": " "})
    household.stack.wait_for(ADA, "OFFLINE", "CONFIGURATION_ERROR", "Phone number is required")


def test_rules_in_python(household: Household, tmp_path: Path) -> None:
    """A Python rule texts a contact and starts an alarm in one line each."""
    file = tmp_path / "rules.py"
    file.write_text("from openhab_twilio import alarm, contact\n")
    stack = household.stack
    stack.openhab.control("load", name="people", file=str(file), path=f"{stack.conf / 'lib'}:{stack.conf}")
    try:
        for code, action, args in (
            (f'contact("{ADA}").send("hi").ok', "send", {"text": "hi"}),
            (f'contact("{ADA}").ask("Open?", ["yes", "no"], 5).ok', "ask",
             {"question": "Open?", "answers": "yes,no", "minutes": "5"}),
            (f'alarm("{FIRE}").startAlarm().ok', "startAlarm", {}),
            (f'alarm("{FIRE}").startAlarm("Smoke").ok', "startAlarm", {"message": "Smoke"}),
        ):  # fmt: skip
            assert stack.openhab.control("evaluate", name="people", code=code) == "True"
            request = household.asked()
            assert (request.action, request.args) == (action, args)
    finally:
        stack.openhab.control("unload", name="people")


def test_a_notification_of_openhab_cloud(household: Household) -> None:
    """The script announces that it can send them, and passes them to openHAB's connector: to one user, or to all."""
    stack = household.stack
    wait_until(lambda: stack.service.door.is_open, 30)
    assert stack.service.announcement is not None and "notifications" in stack.service.announcement.features
    line = OpenHABRequests(OpenHABSettings(url=stack.openhab.url))
    notifications = Notifications(stack.service.door, SECRET, line)
    assert notifications.hindrance == ""
    notifications.send("ada@example.com", "Rauch in der K\u00fcche")
    notifications.send("", "Smoke")
    assert stack.openhab.control("notifications") == ["ada@example.com: Rauch in der K\u00fcche", "Smoke"]
    with pytest.raises(Refusal, match="1 to 4000"):
        notifications.send("", "")
    line.close()


def test_an_alarm_that_a_rule_starts_by_its_native_action(
    household: Household, tmp_path: Path, announced: Announced
) -> None:
    """From `startAlarm` of a rule to Twilio, and back to the linked item; the same for the acknowledgement and the end."""
    announced("alarm.started", "alarm.acknowledged", "alarm.ended")
    stack, twilio = household.stack, ScriptedTwilio()
    with AlarmOffice(tmp_path, twilio, steps="text ada; wait 60s") as office:
        stack.service.reply = lambda request: office.requests.carry_out(replace(request, thing=OFFICE_FIRE))
        for action, values, state in (
            ("startAlarm", ("Smoke in the attic",), "alerting"),
            ("acknowledgeAlarm", ("Ada",), "acknowledged"),
            ("endAlarm", (), "idle"),
        ):
            assert stack.call(action, *values, thing=FIRE, static=True)["result"] is True
            office.wait(lambda state=state: _states(office)[-1:] == [state])  # type: ignore[misc]
        office.wait(lambda: twilio.asked)
        assert "Smoke in the attic" in twilio.to(number(0))[0]
        pending = office.journal.pending("openhab", urgent=False, limit=100)
        events = [
            BridgeEvent(
                id=f"alarm-{one.id}",
                thing=FIRE,
                states=tuple(one.event.states),
                channel=one.event.channel,
                payload=one.event.payload,
            )
            for one in pending
        ]
        assert events
        line = OpenHABRequests(OpenHABSettings(url=stack.openhab.url))
        assert {answer.outcome for answer in stack.service.door.deliver(line, events)} == {"done"}
        line.close()
    assert (f"{FIRE}:alarm-update") in {channel for channel, _ in stack.triggers()}


def _states(office: AlarmOffice) -> list[str]:
    """The states of the alarm for openHAB, in order."""
    pending = office.journal.pending("openhab", urgent=False, limit=100)
    return [dict(one.event.states)["state"] for one in pending]
