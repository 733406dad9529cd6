"""Replies by text, where the same word may answer an alarm or another question."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from tests.conftest import Announced
from tests.unit.alarms.alarm_office import FIRE, AlarmOffice, ScriptedTwilio, number
from twilio_binding.model.uids import ThingUID

ADA, BOB, EVE = number(0), number(1), number(2)


@pytest.fixture(autouse=True)
def _told(announced: Announced) -> None:
    announced("alarm.started", "alarm.acknowledged", "alarm.ended")


def test_after_an_acknowledgement_yes_may_mean_something_else(tmp_path: Path) -> None:
    """A contact with an open question answers that; others are told who acknowledged."""
    with AlarmOffice(tmp_path, ScriptedTwilio(), steps="text bob, text eve; wait 60s") as office:
        office.alarms.start(FIRE)
        office.wait(lambda: len(office.view().attempts) == 2)
        office.alarms.acknowledge(FIRE, "ada")
        assert "Ada" in (office.text(BOB, "yes") or "")
        office.asked = {"twilio:contact:a:bob", "twilio:contact:a:eve"}
        assert office.text(BOB, "yes") is None and office.text(EVE, "1") is None


def test_while_an_alarm_is_open_yes_takes_it(tmp_path: Path) -> None:
    """Whatever other question is open; but a contact who cannot acknowledge answers the other question."""
    with AlarmOffice(tmp_path, ScriptedTwilio(), steps="text bob, text eve; wait 60s") as office:
        office.alarms.start(FIRE)
        office.wait(lambda: len(office.view().attempts) == 2)
        assert office.text(EVE, "yes") is not None
        office.asked = {"twilio:contact:a:bob", "twilio:contact:a:eve"}
        assert office.text(EVE, "yes") is None
        assert office.text(BOB, "yes") is not None
        assert office.view().state == "acknowledged"


def test_an_unclear_reply_is_no_acknowledgement(tmp_path: Path) -> None:
    """The sender is told how to acknowledge, and must not believe that they did; others get no answer."""
    with AlarmOffice(tmp_path, ScriptedTwilio(), steps="text bob, text eve; wait 60s") as office:
        assert office.text(BOB, "ok but I can't") is None
        office.alarms.start(FIRE)
        office.wait(lambda: len(office.view().attempts) == 2)
        for text in ("ok but I can't", "on my way home", "1 hour", "yes?"):
            assert "I did not understand that. Reply 1 or OK to acknowledge." in (office.text(BOB, text) or "")
        for text in (
            "Liked \u201cAlarm Fire: Smoke. Reply 1 or OK to ...\u201d",
            '\u2764 to "Alarm Fire: Smoke. Reply 1"',
        ):
            assert "I did not understand that. Reply 1 or OK to acknowledge." in (office.text(BOB, text) or "")
        assert office.text(EVE, "Liked \u201cAlarm Fire: Smoke. Reply 1\u201d") is None
        assert office.text(BOB, "Liked \u201cDinner is ready\u201d") is None
        assert office.text(EVE, "ok but I can't") is None and office.text(BOB, "kitchen light on") is None
        office.asked = {"twilio:contact:a:bob"}
        assert office.text(BOB, "yes?") is None
        assert office.view().state == "alerting"
        office.asked = set()
        assert "You have acknowledged" in (office.text(BOB, "OK, I'm on my way 👍") or "")
        assert office.text(BOB, "ok but I can't") is None


def test_somebody_who_gets_another_name_meanwhile_can_reply(tmp_path: Path, announced: Announced) -> None:
    """Nobody else is known by the old name; the next step for it is refused, and the one after that comes immediately."""
    announced("alarm.refused")
    steps = "text bob; wait 60s; text bob; wait 60s; text eve; wait 60s"
    with AlarmOffice(tmp_path, ScriptedTwilio(), steps=steps) as office:
        office.alarms.start(FIRE)
        office.wait(lambda: office.view().attempts[0].status == "queued")
        bob = office.contacts.pop(ThingUID("twilio:contact:a:bob"))
        new = replace(bob, uid=ThingUID("twilio:contact:a:robert"), label="Robert")
        office.contacts[new.uid] = new
        office.pass_time(60)
        office.wait(lambda: [one.status for one in office.view().attempts] == ["queued", "refused", "queued"])
        assert "You have acknowledged" in (office.text(BOB, "1") or "")
        assert office.view().taken_by == "Robert"


def test_a_delivered_text_is_passed_on(tmp_path: Path) -> None:
    """The next step begins immediately, not after the wait of the step."""
    twilio = ScriptedTwilio()
    with AlarmOffice(tmp_path, twilio, steps="text bob; wait 60s; call ada; wait 60s") as office:
        office.alarms.start(FIRE)
        office.wait(lambda: office.view().attempts[0].status)
        fields = {"MessageSid": "SM1", "MessageStatus": "delivered"}
        office.taker.status(office.webhook("status", fields, request=twilio.asked[0].id))
        office.wait(lambda: office.view().attempts[0].status == "delivered")
        assert "passed on" in (office.text(BOB, "2") or "")
        office.wait(lambda: twilio.to(ADA))
        assert office.view().attempts[0].status == "passed"


def test_digits_alone_are_no_acknowledgement(tmp_path: Path) -> None:
    """Somebody who writes only the PIN, or forgets a blank, is told how to reply, and must not believe that it is done."""
    with AlarmOffice(tmp_path, ScriptedTwilio(), steps="text ada,bob; wait 60s", require_pin=True) as office:
        office.alarms.start(FIRE)
        office.wait(lambda: len(office.view().attempts) == 2)
        assert "I did not understand that. Reply 1 and your PIN" in (office.text(ADA, "4711") or "")
        assert "I did not understand that. Reply 1 or OK" in (office.text(BOB, "11") or "")
        assert office.view().state == "alerting" and office.locked == []


def test_two_contacts_with_one_number_are_one_person(tmp_path: Path) -> None:
    """Texts come from the first of them; they acknowledge and pass on what was sent to the second."""
    twilio = ScriptedTwilio()
    with AlarmOffice(tmp_path, twilio, steps="text night,eve; wait 60s") as office:
        bob = office.contacts[ThingUID("twilio:contact:a:bob")]
        night = replace(bob, uid=ThingUID("twilio:contact:a:night"), label="Bob at night")
        office.contacts[night.uid] = night
        office.alarms.start(FIRE)
        office.wait(lambda: len(twilio.asked) == 2 and all(one.status for one in office.view().attempts))
        assert "passed on" in (office.text(BOB, "2") or "")
        assert office.view().attempts[0].status == "passed"
        assert "You have acknowledged" in (office.text(BOB, "1") or "")
        office.wait(lambda: twilio.to(EVE)[1:] == ["Bob has acknowledged: Fire."])
        assert len(twilio.to(BOB)) == 1


def test_somebody_who_was_not_notified_cannot_reply(tmp_path: Path) -> None:
    """Although somebody who was notified is no longer configured: only the same number may be the same person."""
    with AlarmOffice(tmp_path, ScriptedTwilio(), steps="text bob; wait 60s; text ada; wait 60s") as office:
        office.alarms.start(FIRE)
        office.wait(lambda: office.view().attempts[0].status == "queued")
        del office.contacts[ThingUID("twilio:contact:a:bob")]
        assert office.text(ADA, "ok") is None
        assert office.view().state == "alerting"
