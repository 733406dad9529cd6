"""A broker for tests and demo: mosquitto, or amqtt from PyPI if mosquitto is not installed."""

from __future__ import annotations

import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path
from types import TracebackType

from twilio_binding.sandbox.ports import free_port
from twilio_binding.sandbox.startable import Startable

_PATH = f"{os.environ.get('PATH', '')}:/usr/sbin:/usr/local/sbin"
_never = threading.Event()

_MOSQUITTO = """\
listener {port} 127.0.0.1
allow_anonymous true
set_tcp_nodelay {nodelay}
log_type none
persistence true
persistence_location {folder}/
max_queued_messages 0
"""
_AMQTT = """\
listeners:
  default: {{type: tcp, bind: "127.0.0.1:{port}"}}
plugins:
  amqtt.plugins.authentication.AnonymousAuthPlugin: {{allow_anonymous: true}}
"""


class BrokerProcess(Startable):
    """A broker process with its own port, which stays the same after a restart.

    `kind` is `mosquitto` or `amqtt`; by default mosquitto if it is installed, else amqtt. `more` is added to mosquitto's
    configuration; in it, `{folder}` stands for the broker's folder. `tcp_nodelay=False` is mosquitto's own default.
    Port 0 chooses a free port.
    """

    def __init__(self, *, kind: str = "", more: str = "", tcp_nodelay: bool = True, port: int = 0) -> None:
        self._nodelay = "true" if tcp_nodelay else "false"
        self.port = port or free_port()
        self.more = more
        self._program = None if kind == "amqtt" else shutil.which("mosquitto", path=_PATH)
        if kind == "mosquitto" and self._program is None:
            raise RuntimeError("mosquitto is missing: apt-get install mosquitto")
        self.kind = "mosquitto" if self._program else "amqtt"
        self._folder: tempfile.TemporaryDirectory[str] | None = None
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        """The URL of the broker."""
        return f"mqtt://127.0.0.1:{self.port}"

    def start(self) -> None:
        """Start the broker, and wait until it listens. Raises RuntimeError if it does not within 15 s."""
        folder = self.folder
        folder.chmod(0o777)  # started by root, mosquitto works as a user of its own
        config = folder / "broker.conf"
        text = _MOSQUITTO + self.more if self._program else _AMQTT
        config.write_text(text.format(port=self.port, folder=folder, nodelay=self._nodelay))
        amqtt = [sys.executable, "-W", "ignore", "-m", "amqtt.scripts.broker_script", "-c", str(config)]
        command = [self._program, "-c", str(config)] if self._program else amqtt
        self._process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        deadline = time.monotonic() + 60
        while not self._listens():
            if self._process.poll() is not None or time.monotonic() > deadline:
                self.stop()
                raise RuntimeError(f"{self.kind} did not start")
            _never.wait(0.01)

    def stop(self) -> None:
        """End the broker with SIGTERM: mosquitto saves sessions and retained messages."""
        self._end(hard=False)

    def kill(self) -> None:
        """End the broker with SIGKILL."""
        self._end(hard=True)

    @property
    def folder(self) -> Path:
        """The folder of the broker's files."""
        if self._folder is None:
            self._folder = tempfile.TemporaryDirectory(prefix="broker-")
        return Path(self._folder.name)

    def send(self, number: signal.Signals) -> None:
        """Send a signal: with SIGHUP the broker reads its access list again, with SIGSTOP it hangs."""
        if self._process is not None:
            self._process.send_signal(number)

    def restart(self) -> None:
        """Stop the broker, and start it again."""
        self.stop()
        self.start()

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        """Stop the broker, and delete its folder."""
        super().__exit__(kind, error, at)
        if self._folder is not None:
            self._folder.cleanup()

    def _end(self, *, hard: bool) -> None:
        if self._process is None:
            return
        process, self._process = self._process, None
        (process.kill if hard else process.terminate)()
        try:
            process.wait(10)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()

    def _listens(self) -> bool:
        try:
            socket.create_connection(("127.0.0.1", self.port), 0.2).close()
        except OSError:
            return False
        return True
