"""How often a text, a `sendSMS` and a held call change the source file and the package on their way: `python -m lab.path`.

The service runs as a process beside the stand-ins. Between SIGUSR1 and SIGUSR2 it records each call of a function of
the product. Changes of file are counted for each thread on its own. Each way is counted to its end: a text until its
delivery to openHAB is noted, a `sendSMS` until its reply is at the broker, a held call until the caller hears the TwiML
of a rule that listens over MQTT. What goes on beside it is left out: the delivery of a text to MQTT and of a call to
openHAB, and the status callbacks that follow. Each way is measured several times, and the lowest count is shown.
"""

from __future__ import annotations

import argparse
import json
import os
import signal
import sys
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from itertools import groupby
from operator import itemgetter
from pathlib import Path
from types import FrameType

PACKAGE = Path(__file__).resolve().parents[1] / "twilio_binding"
TIMES = 7

Step = tuple[int, str, str]
"""A thread, a file, a function."""


class Recorder:
    """Records the called product functions, in order, between `begin` and `end`."""

    def __init__(self, file: Path) -> None:
        self._file = file
        self._on = False
        self._steps: list[Step] = []

    def begin(self, *_: object) -> None:
        """Start recording."""
        self._steps, self._on = [], True

    def end(self, *_: object) -> None:
        """Stop, and write the record to the file."""
        self._on = False
        beside = self._file.with_suffix(".new")
        beside.write_text(json.dumps(self._steps), encoding="utf-8")
        beside.replace(self._file)

    def profile(self, frame: FrameType, event: str, _argument: object) -> None:
        """A profile function of the interpreter."""
        if self._on and event == "call":
            file = frame.f_code.co_filename
            if file.startswith(f"{PACKAGE}/") and "/sandbox/" not in file:
                self._steps.append((threading.get_ident(), file.removeprefix(f"{PACKAGE}/"), frame.f_code.co_name))


def serve() -> None:
    """The service, recorded."""
    from gevent import monkey  # noqa: PLC0415 - gevent must patch the process first

    monkey.patch_all()
    from twilio_binding.cli import cli  # noqa: PLC0415 - after the patch

    recorder = Recorder(Path(os.environ["RECORD"]))
    signal.signal(signal.SIGUSR1, recorder.begin)
    signal.signal(signal.SIGUSR2, recorder.end)
    sys.setprofile(recorder.profile)
    threading.setprofile(recorder.profile)  # also in real threads, in which the service waits for disks
    cli(prog_name="twilio-binding")


def record(
    pid: int, file: Path, go: Callable[[], object], beside: Callable[[set[str]], bool] = lambda _: False
) -> list[Step]:
    """The steps of the run with the fewest changes of file, without the threads for which `beside` returns true."""
    ways: list[list[Step]] = []
    for _ in range(TIMES):
        file.unlink(missing_ok=True)
        time.sleep(0.3)  # the effects of the previous run have ended
        os.kill(pid, signal.SIGUSR1)
        time.sleep(0.01)
        go()
        time.sleep(0.3)  # steps after the last one that is visible from outside
        os.kill(pid, signal.SIGUSR2)
        while not file.exists():
            time.sleep(0.01)
        steps = [(thread, one, name) for thread, one, name in json.loads(file.read_text(encoding="utf-8"))]
        ways.append(without(steps, beside))
    return min(ways, key=changes)


def changes(steps: list[Step]) -> int:
    """How often the next call of a thread is in another file."""
    last: dict[int, str] = {}
    changed = 0
    for thread, file, _ in steps:
        changed += last.get(thread, file) != file
        last[thread] = file
    return changed


def of_packages(steps: list[Step]) -> list[Step]:
    """The same steps, with the package of each file at the top of the product; a module there counts as a package."""
    return [(thread, file.partition("/")[0], name) for thread, file, name in steps]


def measure() -> dict[str, list[Step]]:
    """The steps of an incoming text, of a `sendSMS`, and of a held call."""
    from lab.standins.stack import Stack  # noqa: PLC0415
    from twilio_binding.actions import connect, listen, phone  # noqa: PLC0415 - the service does not need these
    from twilio_binding.sandbox.demo_rule import PHONE  # noqa: PLC0415
    from twilio_binding.sandbox.waiting import until  # noqa: PLC0415

    with tempfile.TemporaryDirectory() as folder, ExitStack() as cleanup:
        file = Path(folder) / "steps.json"
        stack = Stack(Path(folder), cleanup)
        pid = stack.service.restart_as("lab.path", {"RECORD": str(file)})
        client = cleanup.enter_context(connect(stack.broker.url, timeout=15))
        own = phone(PHONE, client)
        stack.twilio.configure(callbacks=0)

        def text() -> None:
            before = len(stack.openhab.triggers(channel=f"{PHONE}:sms-received"))
            stack.twilio.receive_sms("Hello")
            until(lambda: len(stack.openhab.triggers(channel=f"{PHONE}:sms-received")) > before, "the trigger")

        steps = {
            "text in": record(pid, file, text, beside=is_broker),
            "sendSMS": record(pid, file, lambda: own.sendSMS("+15557654321", "Hello")),
        }
        calls = listen(PHONE, "call-received", client=client)

        def call() -> None:
            answerer = threading.Thread(target=answer)
            answerer.start()
            stack.twilio.call()
            answerer.join()

        def answer() -> None:
            own.respondWithTwiml(calls.get()[1]["callSid"], "<Response><Hangup/></Response>")

        return steps | {"held call": record(pid, file, call, beside=is_openhab)}


def is_broker(files: set[str]) -> bool:
    """Whether a thread in these files works for the broker."""
    return any(file.startswith("mqtt/") for file in files)


def is_openhab(files: set[str]) -> bool:
    """Whether a thread in these files works for openHAB. The thread of a webhook only asks who listens there."""
    return any(file.startswith("openhab/") for file in files) and not any(file.startswith("webhook") for file in files)


def without(steps: list[Step], beside: Callable[[set[str]], bool]) -> list[Step]:
    """The steps of the threads on the path."""
    files: dict[int, set[str]] = {}
    for thread, file, _ in steps:
        files.setdefault(thread, set()).add(file)
    return [step for step in steps if not beside(files[step[0]])]


def sequence(steps: list[Step]) -> Iterator[str]:
    """The path of each thread in turn, one line for each change of file, with the functions called there."""
    for thread in dict.fromkeys(thread for thread, _, _ in steps):
        yield f"  thread {thread % 100000:05}"
        own = ((file, name) for one, file, name in steps if one == thread)
        for file, calls in groupby(own, key=itemgetter(0)):
            names = Counter(name for _, name in calls)
            yield f"    {file}: {', '.join(f'{name} x{many}' if many > 1 else name for name, many in names.items())}"


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(prog="python -m lab.path", description=__doc__)
    parser.add_argument("--verbose", action="store_true", help="list the files in order, with the functions called")
    verbose = parser.parse_args().verbose
    for what, steps in measure().items():
        files = {file for _, file, _ in steps}
        functions = {step[1:] for step in steps}
        packages = changes(of_packages(steps))
        print(
            f"{what}: {changes(steps)} changes of file, {packages} of package; {len(files)} files, {len(functions)} functions"
        )
        if verbose:
            print(*sequence(steps), sep="\n")


if __name__ == "__main__":
    if sys.argv[1:] == ["run"]:
        serve()
    else:
        main()
