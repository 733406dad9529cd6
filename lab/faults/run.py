"""One run: traffic and faults together, then time to settle, then the comparison."""

from __future__ import annotations

import time
from dataclasses import dataclass

from lab.faults.checker import Case, Verdict, check, read_records
from lab.faults.environment import NUMBERS, Environment, environment, item
from lab.faults.injector import FaultInjector
from lab.faults.killer import Killer
from lab.faults.ledger import Ledger, Quota
from lab.faults.logs import read_log
from lab.faults.observer import Observer
from lab.faults.plan import Plan, planned_faults, service_runs
from lab.faults.rule_side import AnsweringRule, Asker, RequestClient
from lab.faults.twilio_side import CallLine, Line
from twilio_binding.sandbox.waiting import SandboxError, until

_TEXTERS, _CALLERS, _ASKERS = 12, 4, 8
_QUIET = 120.0
"""Seconds within which there must be progress after the last fault, until everything is delivered."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """The records of a run, the findings, and the durations."""

    plan: Plan
    verdict: Verdict
    ledger: Ledger
    service_runs: Killer
    striker: FaultInjector
    seconds: float

    @property
    def is_good(self) -> bool:
        """Whether every promise was kept."""
        return not self.verdict.broken


def run(plan: Plan) -> Outcome:
    """Carry out a plan."""
    began = time.monotonic()
    with environment(plan) as up:
        return _Run(up, plan, began).outcome()


class _Run:
    def __init__(self, environment: Environment, plan: Plan, began: float) -> None:
        self._environment = environment
        self._plan = plan
        self._began = began
        self._ledger = Ledger()
        self._injector = FaultInjector(environment, planned_faults(plan))
        self._killer = Killer(environment, service_runs(plan), plan)
        self._observer = Observer(environment, self._ledger)

    def outcome(self) -> Outcome:
        problems = self._traffic()
        records = read_records(self._environment.database)
        verdict = check(
            Case(
                ledger=self._ledger,
                evidence=self._observer.evidence,
                records=records,
                restarts=self._injector.restarts,
                store_faults=self._injector.store_faults,
                has_refusals=bool(self._injector.counts["broker-refuses"]),
            )
        )
        for problem in (*problems, *self._killer.failed, *self._injector.failed):
            verdict.breach("stuck", problem)
        for secret in read_log(self._environment, verdict.counts):
            verdict.breach("leaked to the log", secret)
        return Outcome(
            plan=self._plan,
            verdict=verdict,
            ledger=self._ledger,
            service_runs=self._killer,
            striker=self._injector,
            seconds=time.monotonic() - self._began,
        )

    def _traffic(self) -> list[str]:
        """Run everything, from the first start of the service to its last end. Returns what was not delivered in time."""
        plan, environment, ledger = self._plan, self._environment, self._ledger
        rule = AnsweringRule(environment.openhab.url, environment.broker.url, plan.seed)
        client = RequestClient(environment.broker.url, ledger)
        rule.start()
        client.start()
        told, asked = Quota(plan.webhooks, plan.seconds), Quota(plan.actions, plan.seconds)
        url = environment.service.url
        lines: list[Line] = [Line(f"texts-{n}", plan.seed, url, told, ledger) for n in range(_TEXTERS)]
        lines += [CallLine(f"calls-{n}", plan.seed, url, told, ledger) for n in range(_CALLERS)]
        askers = [Asker(str(n), plan.seed, client, asked, ledger) for n in range(_ASKERS)]
        everybody = (self._killer, self._injector, self._observer, *lines, *askers)
        for thread in everybody:
            thread.start()
        deadline = time.monotonic() + plan.seconds * 1.5 + 30
        for thread in (*lines, *askers):
            thread.join(max(0.0, deadline - time.monotonic()))
        self._injector.stop()
        self._killer.stop()
        problems = self._calm_down([*lines, *askers])
        for quota in (told, asked):
            quota.stop()
        for each in (*lines, *askers):
            each.join(20)
        rule.stop()
        client.stop()
        if environment.service.stop() != 0:
            problems.append("the last SIGTERM did not end with 0")
        self._observer.stop()
        ledger.counts["databases set aside"] = environment.look_at_damage()
        return problems

    def _calm_down(self, threads: list[Line | Asker]) -> list[str]:
        environment = self._environment
        try:
            until(lambda: not any(thread.is_alive() for thread in threads), "everybody to have an answer", _QUIET)
            if self._injector.counts["database-damaged"]:  # so that damage near the end is noticed, too
                environment.service.kill()
                environment.service.start()
            environment.service.wait_ready("openhab", "mqtt", "twilio", "things", seconds=_QUIET)
            self._ledger.counts["events left when the faults ended"] = int(environment.service.metric("backlog"))
            environment.service.wait_delivered(_QUIET)
            until(lambda: not self._open_requests(), "all requests to be closed", _QUIET)
            for thing, number in NUMBERS.items():
                body = f"the end of {thing}"
                environment.twilio.receive_sms(body, to=number)
                until(lambda thing=thing, body=body: self._state(thing) == body, f"the last state of {thing}")  # type: ignore[misc]
            until(self._observer.heard_nothing_from_twilio, "the last status callback", _QUIET)
            environment.service.wait_delivered(_QUIET)
        except SandboxError as error:
            return [str(error)]
        return []

    def _state(self, thing: str) -> str:
        return (self._environment.openhab.states(item(thing, "message-body")) or [""])[-1]

    def _open_requests(self) -> tuple[str, ...]:
        return read_records(self._environment.database).open_requests
