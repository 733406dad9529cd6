"""`python -m lab.bench.soak [--seconds N]`: an hour of traffic, and the service's memory and files."""

from __future__ import annotations

import argparse
import statistics
import sys
import threading
import time
from dataclasses import dataclass

from lab.bench.lines import Load, rule
from lab.processes import memory, open_files
from lab.standins.stack import Stack, stack
from twilio_binding.actions import Phone, connect, phone
from twilio_binding.sandbox.demo_rule import PHONE

_TEXTS, _CALLS, _SENDS = 1500, 60, 60
"""The traffic of each minute."""
_MOST = 3.0
"""Megabytes by which the last quarter may exceed the second one."""


@dataclass(frozen=True, slots=True)
class Sample:
    """What the service uses when everything of a minute has been delivered."""

    seconds: float
    megabytes: float
    files: int


def minute(up: Stack, own: Phone, began: float) -> Sample:
    """A minute's traffic, all of it delivered."""
    for kind, number in (("text", _TEXTS), ("call", _CALLS)):
        statuses = Load(up, kind=kind, connections=4, number=number).result()["statuses"]
        if set(statuses) != {"200"}:
            raise SystemExit(f"answers to {kind}s: {statuses}")
    if not all(own.sendSMS("+15557654321", f"text {n}") for n in range(_SENDS)):
        raise SystemExit("a text was not sent")
    up.service.wait_delivered(120)
    return Sample(time.monotonic() - began, memory(up.service.process), open_files(up.service.process))


def soak(seconds: float) -> list[Sample]:
    """Traffic for so long, with a sample each minute."""
    samples: list[Sample] = []
    pause = threading.Event()
    with stack() as up, rule(up), connect(up.broker.url, name="soak", timeout=15) as client:
        began = time.monotonic()
        while (start := time.monotonic()) < began + seconds:
            sample = minute(up, phone(PHONE, client), began)
            samples.append(sample)
            print(f"{sample.seconds:6.0f} s {sample.megabytes:7.1f} MB {sample.files:4} files", flush=True)
            pause.wait(max(0.0, start + 60 - time.monotonic()))
    return samples


def main() -> None:
    """Print a line a minute and what grew; the exit code is 1 if memory did."""
    parser = argparse.ArgumentParser(prog="python -m lab.bench.soak", description=__doc__)
    parser.add_argument("--seconds", type=float, default=3600.0)
    samples = soak(parser.parse_args().seconds)
    quarter = max(1, len(samples) // 4)
    early, late = (
        statistics.median(sample.megabytes for sample in part)
        for part in (samples[quarter : 2 * quarter] or samples, samples[-quarter:])
    )
    minutes = len(samples)
    print(f"{minutes * _TEXTS} texts, {minutes * _CALLS} answered calls, {minutes * _SENDS} sends in {minutes} min")
    print(f"memory: second quarter {early:.1f} MB, last quarter {late:.1f} MB, may grow by {_MOST} MB")
    sys.exit(0 if late - early <= _MOST else 1)


if __name__ == "__main__":
    main()
