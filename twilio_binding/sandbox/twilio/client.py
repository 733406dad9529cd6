"""The control API as methods, for tests, the demo and unpatched programs."""

from __future__ import annotations

import base64
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, cast
from urllib.parse import quote

import requests

from twilio_binding.sandbox.twilio.options import Options
from twilio_binding.sandbox.twilio.signing import Form

_TIMEOUT = 60.0
_SOMEBODY = "+15559876543"
JSON = dict[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class CallReport:
    """What happened in a call: what was said, each request with its answer, and how it ended (see `walk.Walk`)."""

    sid: str
    status: str
    said: list[str]
    played: list[str] = field(default_factory=list)
    requests: list[JSON] = field(default_factory=list)
    warnings: list[int] = field(default_factory=list)
    error: int = 0
    reason: str = ""
    ended: str = ""
    ms: float = 0.0


class TwilioSandbox:
    """A running stand-in. Methods raise `requests.HTTPError` for what it refuses."""

    def __init__(self, url: str) -> None:
        self._session = requests.Session()
        self._session.trust_env = False
        self.url = self._control = url
        if url:
            told = cast("JSON", _read(self._session.get(self._at("options"), timeout=_TIMEOUT)))
            self._control = told["control"]
            self.options = Options(**told["options"])

    def close(self) -> None:
        """Close the connection to it."""
        self._session.close()

    def receive_sms(
        self,
        body: str = "",
        *,
        sender: str = _SOMEBODY,
        to: str = "",
        media: Sequence[tuple[str | bytes, str]] = (),
        extra: Mapping[str, str] | None = None,
        token: str | None = None,
        copies: int = 1,
    ) -> JSON:
        """A message comes in; the webhook, its answer, and the `replies` it brought or the `problem` with it.

        `media` are URLs or bytes, with content types; bytes are served by the stand-in. Several `copies` are
        delivered at the same moment. `token` replaces the idempotency token, "" sends none.
        """
        given: JSON = {"from": sender, "to": to or self.options.number, "body": body, "extra": dict(extra or {})}
        given |= {"token": token, "copies": copies}
        given["media"] = [(source, kind) for source, kind in media if isinstance(source, str)]
        given["files"] = [
            (base64.b64encode(source).decode(), kind) for source, kind in media if isinstance(source, bytes)
        ]
        return self._post("receive", given)

    def receive_whatsapp(self, body: str = "", *, sender: str = _SOMEBODY, to: str = "", **more: Any) -> JSON:  # noqa: ANN401
        """A WhatsApp message comes in; numbers may lack their prefix."""
        to = to or self.options.number
        return self.receive_sms(body, sender=_whatsapp(sender), to=_whatsapp(to), **more)

    def call(
        self,
        script: Sequence[str] = (),
        *,
        caller: str = _SOMEBODY,
        to: str = "",
        hang_up_after: float | None = None,
    ) -> CallReport:
        """A call comes in, and `script` is typed or said at its menus; returns when it is over."""
        given = {"from": caller, "to": to or self.options.number, "script": list(script)}
        return CallReport(**self._post("call", given | {"hang_up_after": hang_up_after}))

    def post(
        self, url: str, form: Form, *, method: str = "POST", token: str | None = None, auth_token: str | None = None
    ) -> JSON:
        """Any webhook; a wrong `auth_token` forges it, and with "" it has no signature."""
        return self._post(
            "post", {"url": url, "form": form, "method": method, "token": token, "auth_token": auth_token}
        )

    def forge(self, endpoint: str, form: Form) -> JSON:
        """A webhook that somebody else signed."""
        return self.post(f"{self.options.base_url}/{endpoint}", form, auth_token="not the token")

    def redeliver(self, n: int) -> JSON:
        """Webhook number `n` once more, with its token."""
        return self.redeliver_at_once(n, 1)[0]

    def redeliver_at_once(self, n: int, copies: int) -> list[JSON]:
        """Webhook number `n` several times at the same moment."""
        return cast("list[JSON]", self._post(f"redeliver/{n}", {"copies": copies})["copies"])

    def redeliver_out_of_order(self, *ns: int) -> list[JSON]:
        """Webhooks once more, the latest first."""
        return [self.redeliver(n) for n in sorted(ns, reverse=True)]

    def messages(self, latest: int = 10_000) -> list[JSON]:
        """The latest messages, oldest first."""
        return self._get(f"messages?latest={latest}")

    def calls(self, latest: int = 10_000) -> list[JSON]:
        """The latest calls, oldest first; `walk` tells what happened in an outgoing one."""
        return self._get(f"calls?latest={latest}")

    def webhooks(self, since: int = 0) -> list[JSON]:
        """The latest webhooks after number `since` with their answers, oldest first."""
        return self._get(f"webhooks?since={since}")

    def numbers(self) -> list[JSON]:
        """All numbers with their settings."""
        return self._get("numbers")

    def number(self, number: str = "") -> JSON:
        """A number with its settings, that of the options if none is named."""
        return next(each for each in self.numbers() if each["phone_number"] == (number or self.options.number))

    def add_number(self, number: str, **settings: object) -> JSON:
        """One more number, with `sms_url` and other settings, `status` (of its status callback), `voice_region`."""
        return self._post("numbers", {"number": number, **settings})

    def change_number(self, number: str = "", **settings: object) -> JSON:
        """Somebody changes settings of a number in the Console."""
        return self._post(f"numbers/{quote(number or self.options.number)}", settings)

    def remove_number(self, number: str = "") -> None:
        """The account loses a number."""
        path = f"numbers/{quote(number or self.options.number)}"
        self._session.delete(self._at(path), timeout=_TIMEOUT).raise_for_status()

    def add_application(self, **urls: str) -> JSON:
        """An application with `sms_url` and `voice_url`; a number's `sms_application_sid` may name it."""
        return self._post("applications", urls)

    def add_service(self, *numbers: str, **settings: object) -> JSON:
        """A messaging service with numbers, `inbound_request_url` and `use_inbound_webhook_on_number`."""
        return self._post("services", {"numbers": numbers or (self.options.number,), **settings})

    def contact(self, to: str, *, script: Sequence[str] = (), status: str = "completed", answered_by: str = "") -> None:
        """Say how somebody who is called behaves."""
        self._post(f"contacts/{quote(to)}", {"script": list(script), "status": status, "answered_by": answered_by})

    def failing(self, to: str, status: str, code: int) -> None:
        """Let messages to a number end as `failed` or `undelivered`; +15005530003 does so with 30003 by itself."""
        self._post(f"failing/{quote(to)}", {"status": status, "code": code})

    def configure(self, **settings: object) -> None:
        """Change how it behaves (see `options.Conduct`)."""
        self._post("configure", settings)

    def fault(self, kind: str, **settings: object) -> None:
        """Set a fault of the REST API: a name of `strikes.NAMED`, or `status`, `slow`, `hang` or `cut`.

        Settings are those of the openHAB stand-in's faults: `path`, `method`, `count`, `skip`, `effect` and so on.
        """
        self._post("faults", {"kind": kind, **settings})

    def clear_faults(self) -> None:
        """Remove all faults."""
        self._session.delete(self._at("faults"), timeout=_TIMEOUT).raise_for_status()

    def down(self) -> None:
        """Refuse connections to the REST API, and cut those that are open."""
        self._post("down", {})

    def up(self) -> None:
        """Accept connections again."""
        self._post("up", {})

    def reset(self) -> None:
        """Forget everything but the account, where webhooks go, and the number of the options."""
        self._post("reset", {})

    def _post(self, path: str, body: object) -> JSON:
        return cast("JSON", _read(self._session.post(self._at(path), json=body, timeout=_TIMEOUT)))

    def _get(self, path: str) -> list[JSON]:
        return cast("list[JSON]", _read(self._session.get(self._at(path), timeout=_TIMEOUT)))

    def _at(self, path: str) -> str:
        return f"{self._control}/sandbox/{path}"


def _read(answer: requests.Response) -> object:
    if answer.status_code == 400:
        raise requests.HTTPError(answer.text, response=answer)
    answer.raise_for_status()
    return answer.json()


def _whatsapp(number: str) -> str:
    return number if number.startswith("whatsapp:") else f"whatsapp:{number}"
