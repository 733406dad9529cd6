"""Sends that are not made: over a limit, in a loop, after an opt-out, too late."""

from __future__ import annotations

import time
from dataclasses import replace
from pathlib import Path

from structlog.testing import capture_logs

from tests.conftest import Announced
from tests.unit.outgoing.office import TO, Office, sms
from twilio_binding.errors import TwilioError
from twilio_binding.model.limits import Limits


def test_ceiling_outlives_the_process(tmp_path: Path, announced: Announced) -> None:
    """A message over the limit is refused, also after a restart, with the time when it is free again."""
    announced("send.limit_reached")
    limits = Limits(messages_per_hour=2)
    with Office(tmp_path, limits=limits) as office:
        assert office.ask(sms("r1")).ok
        assert office.ask(sms("r2")).ok
    with Office(tmp_path, limits=limits) as office:
        reply = office.ask(sms("r3"))
        assert (reply.code, reply.retryable) == ("ceiling", True)
        assert 3500 < reply.retry_at - time.time() <= 3600
        assert office.gateway.asked == []


def test_ceiling_in_the_middle_of_a_list(tmp_path: Path, announced: Announced) -> None:
    """Recipients below the limit are sent to; the others each have the reason."""
    announced("send.limit_reached")
    with Office(tmp_path, limits=Limits(messages_per_day=1)) as office:
        reply = office.ask(sms(to=[TO, "+15557654322"]))
        assert reply.code == "partly_failed"
        results = reply.result["results"]
        assert isinstance(results, list)
        assert results[0]["sid"] == "SM1"
        assert results[1]["error"]["code"] == "ceiling"


def test_emergency(tmp_path: Path, announced: Announced) -> None:
    """Emergencies ignore the limits, up to their own limit."""
    announced("send.limit_reached")
    with Office(tmp_path, limits=Limits(messages_per_hour=1, loop_sends=1, emergencies_per_day=1)) as office:
        assert office.ask(sms("r1")).ok
        emergency = replace(sms("r2"), args=sms().args | {"emergency": True})
        assert office.ask(emergency).ok
        assert office.ask(replace(emergency, id="r3")).code == "ceiling"


def test_loop_guard(tmp_path: Path, announced: Announced) -> None:
    """Too many sends to one recipient are a loop; others are still sent to."""
    announced("send.limit_reached")
    with Office(tmp_path, limits=Limits(loop_sends=2)) as office:
        codes = [office.ask(sms(f"r{number}")).code for number in range(3)]
        assert codes == ["", "", "loop_guard"]
        assert office.ask(sms("other", "+15557654322")).ok


def test_formatted_recipients(tmp_path: Path, announced: Announced) -> None:
    """The limits know a recipient in any form of the number."""
    announced("send.limit_reached")
    with Office(tmp_path, limits=Limits(loop_sends=2)) as office:
        written = [TO, "+1 (555) 765-4321", "tel:+1-555-765-4321"]
        assert [office.ask(sms(f"r{n}", to)).code for n, to in enumerate(written)] == ["", "", "loop_guard"]
        assert {asked.to for asked in office.gateway.asked} == {TO}


def test_doubtful_recipient(tmp_path: Path, announced: Announced) -> None:
    """A number that no numbering plan knows is sent to; the log names it once, masked."""
    announced("send.number_doubted")
    with capture_logs() as logs, Office(tmp_path) as office:
        for number in range(3):
            assert office.ask(replace(sms(f"r{number}", "whatsapp:+5215512345678"), action="sendWhatsApp")).ok
        assert {asked.to for asked in office.gateway.asked} == {"whatsapp:+5215512345678"}
    told = [log["reason"] for log in logs if log["event"] == "send.number_doubted"]
    assert told == ["+52***78 may not be a phone number: it is too long"]


def test_what_twilio_refuses_does_not_count(tmp_path: Path) -> None:
    """A send that Twilio refused does not count."""
    with Office(tmp_path, limits=Limits(messages_per_hour=1)) as office:
        office.gateway.sends.append(TwilioError("twilio.21211", "Invalid 'To' Phone Number"))
        assert office.ask(sms("r1")).code == "twilio.21211"
        assert office.ask(sms("r2")).ok


def test_opted_out(tmp_path: Path) -> None:
    """After STOP nothing is sent, across a restart, until START; one of another pair changes nothing."""
    stop = {"From": TO, "To": "+15551234567", "OptOutType": "STOP", "Body": "STOP"}
    with Office(tmp_path) as office:
        office.opt_outs.hear(stop, "out")
    with Office(tmp_path) as office:
        assert office.ask(sms("r1")).code == "opted_out"
        office.opt_outs.hear(stop | {"To": "+15551234568", "OptOutType": "START"}, "in")
        assert office.ask(sms("r2")).code == "opted_out"
        assert office.gateway.asked == []
        office.opt_outs.hear(stop | {"OptOutType": "START"}, "in")
        assert office.ask(sms("r3")).ok


def test_opted_out_at_twilio(tmp_path: Path) -> None:
    """An opt-out that Twilio reports is stored: the next send does not reach Twilio."""
    with Office(tmp_path) as office:
        office.gateway.sends.append(TwilioError("twilio.21610", "unsubscribed"))
        assert office.ask(sms("r1")).code == "twilio.21610"
        assert office.ask(sms("r2")).code == "opted_out"
        assert len(office.gateway.asked) == 1


def test_not_after(tmp_path: Path) -> None:
    """An outdated send is not made; one whose rule stopped waiting, but which is still wanted, is."""
    now = time.time()
    with Office(tmp_path) as office:
        stale = replace(sms("r1"), args=sms().args | {"notAfter": (now - 1) * 1000})
        assert office.ask(stale).code == "expired"
        useful = replace(sms("r2"), args=sms().args | {"notAfter": (now + 60) * 1000}, deadline=now - 1)
        assert office.ask(useful).ok
