"""One run: traffic and faults together, then peace, then the comparison."""

from __future__ import annotations

import time
from dataclasses import dataclass

from lab.faults.checker import Case, Verdict, check, read_books
from lab.faults.ledger import Ledger, Quota
from lab.faults.lives import Lives
from lab.faults.logs import read_log
from lab.faults.plan import Plan, lives, strikes
from lab.faults.rule_side import AnsweringRule, Asker, Desk
from lab.faults.scene import NUMBERS, Scene, item, scene
from lab.faults.strikes import Striker
from lab.faults.twilio_side import CallLine, Line
from lab.faults.witness import Witness
from twilio_binding.sandbox.waiting import SandboxError, until

_TEXTERS, _CALLERS, _ASKERS = 12, 4, 8
_QUIET = 120.0
"""Seconds within which something must move after the last fault, until everything is at rest."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What happened, what was found, and how long everything took."""

    plan: Plan
    verdict: Verdict
    ledger: Ledger
    lives: Lives
    striker: Striker
    seconds: float

    @property
    def is_good(self) -> bool:
        """Whether every promise was kept."""
        return not self.verdict.broken


def run(plan: Plan) -> Outcome:
    """Carry a plan out."""
    began = time.monotonic()
    with scene(plan) as stack:
        return _Run(stack, plan, began).outcome()


class _Run:
    def __init__(self, stack: Scene, plan: Plan, began: float) -> None:
        self._stack = stack
        self._plan = plan
        self._began = began
        self._ledger = Ledger()
        self._striker = Striker(stack, strikes(plan))
        self._lives = Lives(stack, lives(plan), plan)
        self._witness = Witness(stack, self._ledger)

    def outcome(self) -> Outcome:
        problems = self._traffic()
        books = read_books(self._stack.database)
        verdict = check(
            Case(
                ledger=self._ledger,
                evidence=self._witness.evidence,
                books=books,
                restarts=self._striker.restarts,
                store_faults=self._striker.store_faults,
                has_refusals=bool(self._striker.counts["broker-refuses"]),
            )
        )
        for problem in (*problems, *self._lives.failed, *self._striker.failed):
            verdict.breach("stuck", problem)
        for secret in read_log(self._stack, verdict.counts):
            verdict.breach("told by the log", secret)
        return Outcome(
            plan=self._plan,
            verdict=verdict,
            ledger=self._ledger,
            lives=self._lives,
            striker=self._striker,
            seconds=time.monotonic() - self._began,
        )

    def _traffic(self) -> list[str]:
        """Everything from the first start of the service to its last end; what did not come to rest."""
        plan, stack, ledger = self._plan, self._stack, self._ledger
        rule = AnsweringRule(stack.openhab.url, stack.broker.url, plan.seed)
        desk = Desk(stack.broker.url, ledger)
        rule.start()
        desk.start()
        told, asked = Quota(plan.webhooks, plan.seconds), Quota(plan.actions, plan.seconds)
        url = stack.service.url
        lines: list[Line] = [Line(f"texts-{n}", plan.seed, url, told, ledger) for n in range(_TEXTERS)]
        lines += [CallLine(f"calls-{n}", plan.seed, url, told, ledger) for n in range(_CALLERS)]
        askers = [Asker(str(n), plan.seed, desk, asked, ledger) for n in range(_ASKERS)]
        everybody = (self._lives, self._striker, self._witness, *lines, *askers)
        for thread in everybody:
            thread.start()
        deadline = time.monotonic() + plan.seconds * 1.5 + 30
        for thread in (*lines, *askers):
            thread.join(max(0.0, deadline - time.monotonic()))
        self._striker.stop()
        self._lives.stop()
        problems = self._calm_down([*lines, *askers])
        for quota in (told, asked):
            quota.stop()
        for each in (*lines, *askers):
            each.join(20)
        rule.stop()
        desk.stop()
        if stack.service.stop() != 0:
            problems.append("the last SIGTERM did not end with 0")
        self._witness.stop()
        ledger.counts["databases set aside"] = stack.look_at_damage()
        return problems

    def _calm_down(self, threads: list[Line | Asker]) -> list[str]:
        stack = self._stack
        try:
            until(lambda: not any(thread.is_alive() for thread in threads), "everybody to have an answer", _QUIET)
            if self._striker.counts["database-damaged"]:  # what was spoilt late must be met as well
                stack.service.kill()
                stack.service.start()
            stack.service.wait_ready("openhab", "mqtt", "twilio", "things", seconds=_QUIET)
            self._ledger.counts["events left when the faults ended"] = int(stack.service.metric("backlog"))
            stack.service.wait_delivered(_QUIET)
            until(lambda: not self._open_requests(), "all requests to be closed", _QUIET)
            for thing, number in NUMBERS.items():
                body = f"the end of {thing}"
                stack.twilio.receive_sms(body, to=number)
                until(lambda thing=thing, body=body: self._state(thing) == body, f"the last state of {thing}")  # type: ignore[misc]
            until(self._witness.heard_nothing_from_twilio, "the last status callback", _QUIET)
            stack.service.wait_delivered(_QUIET)
        except SandboxError as error:
            return [str(error)]
        return []

    def _state(self, thing: str) -> str:
        return (self._stack.openhab.states(item(thing, "message-body")) or [""])[-1]

    def _open_requests(self) -> tuple[str, ...]:
        return read_books(self._stack.database).open_requests
