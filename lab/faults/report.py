"""The report of a run."""

from __future__ import annotations

from collections.abc import Iterator

from lab.faults.run import Outcome

PROMISES = (
    "lost",
    "doubled",
    "out of order",
    "states twice",
    "states out of order",
    "states of another message",
    "stuck",
    "sent twice",
    "reported sent, but was not",
    "reported not sent, but was",
    "answered differently",
    "forged",
    "from nowhere",
    "seen by callers",
    "leaked to the log",
    "damaged",
    "refused by the broker, noted as delivered",
    "set aside without need",
)
"""The promises that the run checks, each a line of the report."""
_EXAMPLES = 8


def lines(outcome: Outcome) -> Iterator[str]:
    """The report, line by line."""
    plan, ledger, verdict = outcome.plan, outcome.ledger, outcome.verdict
    silences = sorted(ledger.silences) or [0.0]
    starts = sorted(outcome.service_runs.starts) or [0.0]
    yield f"seed {plan.seed}: {len(ledger.told)} webhooks, {len(ledger.asked)} actions, {outcome.service_runs.kills} kills, "
    yield f"{sum(outcome.striker.counts.values())} other faults in {outcome.seconds:.0f} s"
    if plan.promise:
        yield f"broken on purpose: {plan.promise}"
    yield f"callers waited p99 {silences[int(len(silences) * 0.99)]:.1f} s, at most {silences[-1]:.1f} s; "
    yield f"the service serves after {starts[len(starts) // 2]:.1f} s (p50), {starts[-1]:.1f} s at most"
    yield ""
    for title, counts in (
        ("killed", outcome.service_runs.points + outcome.service_runs.ends),
        ("faults", outcome.striker.counts),
        ("traffic", ledger.counts + verdict.counts),
    ):
        yield from (f"{title:<8} {name:<66} {number:>7}" for name, number in sorted(counts.items()))
        yield ""
    for promise in PROMISES:
        found = verdict.broken.get(promise, [])
        yield f"{promise:<30} {len(found):>7}"
        yield from (f"    {example}" for example in found[:_EXAMPLES])
