"""A stand-in in a child process, with its control API as methods; for tests and for unpatched programs."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import Any, Self
from urllib.parse import quote

import requests

from twilio_binding.sandbox.twilio.command import written
from twilio_binding.sandbox.twilio.options import Options

_ROOT = Path(__file__).resolve().parents[3]
_TIMEOUT = 60.0


@dataclass(frozen=True, slots=True, kw_only=True)
class CallReport:
    """What happened in a call: what was said, each request with its answer, and how it ended."""

    sid: str
    status: str
    said: list[str]
    played: list[str] = field(default_factory=list)
    requests: list[dict[str, Any]] = field(default_factory=list)
    error: int = 0
    reason: str = ""
    ms: float = 0.0


class TwilioStandIn:
    """A Twilio to test against. Ends with `stop()`, with the `with` block, or with this process."""

    def __init__(self, options: Options) -> None:
        self.options = options
        self._process: subprocess.Popen[str] | None = None
        self._session = requests.Session()
        self._session.trust_env = False
        self.url = ""

    def start(self) -> Self:
        """Start the process; raises RuntimeError when it does not come up. `url` is known afterwards."""
        search = os.pathsep.join(filter(None, [str(_ROOT), os.environ.get("PYTHONPATH", "")]))
        self._process = subprocess.Popen(
            [sys.executable, "-m", "twilio_binding.sandbox", "twilio", "--until-eof", *written(self.options)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            env=os.environ | {"PYTHONPATH": search},
        )
        line = self._process.stdout.readline() if self._process.stdout else ""
        if not line:
            self.stop()
            raise RuntimeError("the Twilio stand-in did not start; its own message says why")
        self.url = json.loads(line)["url"]
        return self

    def stop(self) -> None:
        """End the process and wait for it."""
        self._session.close()
        if self._process is not None:
            process, self._process = self._process, None
            process.terminate()
            process.communicate(timeout=_TIMEOUT)

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.stop()

    def receive_sms(
        self,
        body: str,
        *,
        sender: str = "+15559876543",
        to: str = "",
        media: Sequence[tuple[str, str]] = (),
        extra: dict[str, str] | None = None,
        token: str | None = None,
    ) -> dict[str, Any]:
        """A message comes in; the webhook and its answer. `media` are URLs and content types."""
        given: dict[str, Any] = {"from": sender, "to": to or self.options.number, "body": body, "media": list(media)}
        return self._post("receive", given | {"extra": extra or {}, "token": token})

    def call(self, script: Sequence[str] = (), *, caller: str = "+15559876543", to: str = "") -> CallReport:
        """A call comes in, and `script` is typed at its menus; returns when it is over."""
        given = {"from": caller, "to": to or self.options.number, "script": list(script)}
        return CallReport(**self._post("call", given))

    def post(
        self, url: str, form: dict[str, str], *, token: str | None = None, auth_token: str | None = None
    ) -> dict[str, Any]:
        """Any webhook; a wrong `auth_token` forges it."""
        return self._post("post", {"url": url, "form": form, "token": token, "auth_token": auth_token})

    def forge(self, endpoint: str, form: dict[str, str]) -> dict[str, Any]:
        """A webhook that somebody else signed."""
        return self.post(f"{self.options.base_url}/{endpoint}", form, auth_token="not the token")

    def redeliver(self, n: int) -> dict[str, Any]:
        """Webhook number `n` once more."""
        return self._post(f"redeliver/{n}", {})

    def messages(self) -> list[dict[str, Any]]:
        """All messages, oldest first."""
        return self._get("messages")

    def calls(self) -> list[dict[str, Any]]:
        """All calls, oldest first."""
        return self._get("calls")

    def webhooks(self) -> list[dict[str, Any]]:
        """All webhooks with their answers, oldest first."""
        return self._get("webhooks")

    def numbers(self) -> list[dict[str, Any]]:
        """All numbers with their settings."""
        return self._get("numbers")

    def add_number(self, number: str, **settings: str) -> dict[str, Any]:
        """One more number."""
        return self._post("numbers", {"number": number, **settings})

    def contact(self, to: str, *, script: Sequence[str] = (), status: str = "completed", answered_by: str = "") -> None:
        """Say how somebody who is called behaves."""
        self._post(f"contacts/{quote(to)}", {"script": list(script), "status": status, "answered_by": answered_by})

    def failing(self, to: str, status: str, code: int) -> None:
        """Let messages to a number end as `failed` or `undelivered`."""
        self._post(f"failing/{quote(to)}", {"status": status, "code": code})

    def configure(self, **settings: object) -> None:
        """Change `account_status`, `deliver_to`, `use_tokens` or `callbacks` (how often each is sent)."""
        self._post("configure", settings)

    def fault(self, kind: str, **settings: object) -> None:
        """Set a fault of the REST API: `status`, `slow`, `hang` or `cut` (see the openHAB stand-in's faults)."""
        self._post("faults", {"kind": kind, **settings})

    def clear_faults(self) -> None:
        """Remove all faults."""
        self._session.delete(f"{self.url}/sandbox/faults", timeout=_TIMEOUT).raise_for_status()

    def reset(self) -> None:
        """Forget everything."""
        self._post("reset", {})

    def _post(self, path: str, body: object) -> dict[str, Any]:
        answer = self._session.post(f"{self.url}/sandbox/{path}", json=body, timeout=_TIMEOUT)
        answer.raise_for_status()
        found: dict[str, Any] = answer.json()
        return found

    def _get(self, path: str) -> list[dict[str, Any]]:
        answer = self._session.get(f"{self.url}/sandbox/{path}", timeout=_TIMEOUT)
        answer.raise_for_status()
        found: list[dict[str, Any]] = answer.json()
        return found
