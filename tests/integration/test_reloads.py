"""A thousand phones whose files change: everything else continues meanwhile."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from twilio_binding.sandbox.service_process import SEEDS

_PHONES = 1000
_PROGRAM = """
import gevent.monkey
gevent.monkey.patch_all()
import gevent, gc, sys, time
from pathlib import Path
from twilio_binding import logs
from twilio_binding.app.service import Service
from twilio_binding.settings import Settings

folder, longest = Path(sys.argv[1]), 0.0
nowhere = "127.0.0.1:9"  # the service starts whatever is down
logs.configure("error")
service = Service(Settings(
    things=[str(folder / "*.things")], data_dir=folder / "data", mqtt={"url": f"mqtt://{nowhere}"},
    openhab={"url": f"http://{nowhere}"}, twilio={"api_url": f"http://{nowhere}"},
    webhook={"listen": "127.0.0.1:0"}, admin={"listen": "127.0.0.1:0"},
))
service.start()
gc.freeze()

def beat():
    # Of this thread alone: others may have the processor meanwhile, but not the hub.
    global longest
    last = time.thread_time()
    while True:
        gevent.sleep(0)
        longest, last = max(longest, time.thread_time() - last), time.thread_time()

def labels():
    return {phone.label for phone in service._things.current().phones.values()}

gevent.sleep(1)
beating = gevent.spawn(beat)
gevent.sleep(0.05)
for new in ("New", "Newer"):
    longest = 0.0
    things = folder / "a.things"
    things.write_text(things.read_text().replace("Old", new).replace("New ", new + " "))
    service.reload()
    while not any(label.startswith(new + " ") for label in labels()):
        gevent.sleep(0.05)
    gevent.sleep(1)
    print(longest)
beating.kill()
service.stop()
"""


def test_a_reload_holds_nobody_up(tmp_path: Path) -> None:
    """A thousand phones are read, checked, stored and published, and the event loop never blocks for long."""
    phones = "".join(f'  Thing phone p{n} "Old {n}" [ phoneNumber="+1555{n:07}" ]\n' for n in range(_PHONES))
    account = f'Bridge twilio:account:a [ accountSid="AC{"1" * 32}", authToken="hidden-token" ] {{\n{phones}}}\n'
    (tmp_path / "a.things").write_text(account, encoding="utf-8")
    done = subprocess.run(
        [sys.executable, "-c", _PROGRAM, str(tmp_path)],
        cwd=SEEDS,
        capture_output=True,
        text=True,
        check=True,
        timeout=120,
    )
    stops = [float(line) for line in done.stdout.split()]
    assert max(stops) < 0.05
