"""Sends against a model: whatever Twilio does and wherever the process dies, a request is sent at most once."""

from __future__ import annotations

import tempfile
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule, run_state_machine_as_test

from tests.conftest import Announced
from tests.gateway import Lost, ScriptedGateway
from tests.unit.outgoing.office import KnownThings, sms
from twilio_binding.errors import OutcomeUnknownError, TwilioError
from twilio_binding.metrics import Metrics
from twilio_binding.model.actions import MakeCall, SendMessage, read
from twilio_binding.model.limits import Limit, Limits
from twilio_binding.outgoing.permission import Ceilings, OptOuts, Permission
from twilio_binding.outgoing.ports import Booking, Sent, Stored
from twilio_binding.outgoing.sending import Sender
from twilio_binding.protocol.replies import Reply
from twilio_binding.store import Database, SqliteOptOuts, SqliteOutbox


class DeathError(BaseException):
    """The process dies here."""


_STEPS = {
    "well": None,
    "lost": Lost(OutcomeUnknownError("the answer was lost")),
    "silent": OutcomeUnknownError("it was never taken"),
    "refused": TwilioError("twilio.21211", "Invalid 'To' Phone Number"),
    "busy": TwilioError("twilio.20429", "Too many", retryable=True),
    "dies after": Lost(DeathError()),  # type: ignore[arg-type]  # a death is no error that could be caught
}


class MortalOutbox(SqliteOutbox):
    """Dies before or after it notes something, when told to."""

    def __init__(self, database: Database) -> None:
        super().__init__(database)
        self.dies = ""

    def ask(self, booking: Booking, limits: Sequence[Limit], *, now: float, asked: float) -> tuple[Limit, float] | None:
        """Book a send and note that Twilio is asked."""
        self._die("before asking")
        exceeded = super().ask(booking, limits, now=now, asked=asked)
        self._die("after asking")
        return exceeded

    def looked(self, request_id: str, part: int, looks: int) -> None:
        """Note a look at Twilio."""
        super().looked(request_id, part, looks)
        self._die("after a look")

    def settled(self, booking: Booking, outcome: Sent | Reply, *, counts: bool, reply: Reply | None = None) -> None:
        """Note an outcome and, with it, the end."""
        self._die("before the outcome")
        super().settled(booking, outcome, counts=counts, reply=reply)
        self._die("after the outcome")

    def _die(self, where: str) -> None:
        if self.dies == where:
            self.dies = ""
            raise DeathError


_DEATHS = [
    "",
    "before asking",
    "after asking",
    "after a look",
    "before the outcome",
    "after the outcome",
]


class Sends(RuleBasedStateMachine):
    """An outbox, a sender and a Twilio, without threads: requests come one after the other, and again."""

    @initialize()
    def begin(self) -> None:
        """There is no request yet."""
        self.folder = tempfile.TemporaryDirectory(prefix="sends-")
        self.gateway = ScriptedGateway()
        self.gateway.slack = 30.0
        self.replies: dict[str, Reply] = {}
        self.texts: dict[str, str] = {}
        self._start()

    def _start(self) -> None:
        self.database = Database(Path(self.folder.name) / "x.db")
        self.database.start()
        self.outbox = MortalOutbox(self.database)
        self.sender = Sender(
            things=KnownThings(),
            outbox=self.outbox,
            gateway=self.gateway,
            permission=Permission(
                opt_outs=OptOuts(SqliteOptOuts(self.database)),
                ceilings=Ceilings(self.outbox, Limits()),
                metrics=Metrics(),
            ),
            look_ups=(0.0, 0.0),
            retries=(0.0,),
        )
        for stored in self.outbox.unfinished():
            self._carry_out(stored)

    def _carry_out(self, stored: Stored) -> None:
        reply = self.sender.send(stored)
        assert reply is not None
        self.replies[stored.request.id] = reply

    @rule(
        number=st.integers(0, 5),
        text=st.sampled_from(["Fire!", "Water!"]),
        steps=st.lists(st.sampled_from(sorted(_STEPS)), max_size=3),
        death=st.sampled_from(_DEATHS),
    )
    def ask(self, number: int, text: str, steps: list[str], death: str) -> None:
        """A request arrives, new or repeated; Twilio does something, and the process may die."""
        request_id = f"r{number}"
        request = sms(request_id, message=self.texts.setdefault(request_id, text))
        self.gateway.sends.extend(_STEPS[step] for step in steps)
        self.outbox.dies = death
        try:
            action = read(request.action, request.args)
            assert isinstance(action, SendMessage | MakeCall)
            stored = self.outbox.admit(request, action.to)
            if stored.reply is not None:
                assert stored.reply == self.replies.get(request_id, stored.reply)
            else:
                self._carry_out(stored)
        except DeathError:
            self._die()
        finally:
            self.gateway.sends.clear()
            self.outbox.dies = ""

    @rule()
    def restart(self) -> None:
        """The process ends and starts in peace."""
        self._die()

    def _die(self) -> None:
        self.gateway.sends.clear()
        self.database.stop()
        self._start()

    def _taken(self) -> dict[str, list[str]]:
        taken: dict[str, list[str]] = {}
        for _, asked, sent in self.gateway.taken:
            request_id = parse_qs(urlsplit(asked.callback or "").query)["request"][0]
            taken.setdefault(request_id, []).append(sent.sid)
        return taken

    @invariant()
    def nothing_is_sent_twice(self) -> None:
        """Twilio accepted each request at most once, and no message belongs to two of them."""
        assert all(len(sids) == 1 for sids in self._taken().values())
        claimed = Counter(reply.result["sid"] for reply in self.replies.values() if reply.ok)
        assert all(times == 1 for times in claimed.values())

    @invariant()
    def replies_are_true(self) -> None:
        """What was reported as sent was accepted, and what was refused was not; nothing is left open."""
        taken = self._taken()
        for request_id, reply in self.replies.items():
            if reply.ok:
                assert taken[request_id] == [reply.result["sid"]]
            else:
                assert request_id not in taken
        assert not self.outbox.unfinished()

    def teardown(self) -> None:
        """Close the database."""
        if hasattr(self, "database"):
            self.database.stop()
            self.folder.cleanup()


def test_sends(announced: Announced) -> None:
    """No way through the model sends a request twice, or reports a wrong outcome."""
    announced("send.unknown")
    run_state_machine_as_test(Sends, settings=settings(max_examples=60, stateful_step_count=15, deadline=None))
