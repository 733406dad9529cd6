"""Signed webhooks, sent as Twilio sends them."""

from __future__ import annotations

import base64
import hashlib
import hmac
import secrets
import threading
import time
from collections import deque
from dataclasses import asdict, dataclass
from urllib.parse import urlsplit, urlunsplit

import requests

from twilio_binding.sandbox.twilio.options import Options

TIMEOUT = 15.0
_KEPT = 50_000


@dataclass(slots=True, kw_only=True)
class Exchange:
    """One webhook and its answer; status 0 when there was none. `ms` is how long that took."""

    n: int
    url: str
    endpoint: str
    form: dict[str, str]
    token: str
    status: int = 0
    answer: str = ""
    content_type: str = ""
    ms: float = 0.0
    error: str = ""

    def shown(self) -> dict[str, object]:
        """As the control API shows it."""
        return asdict(self)


def sign(url: str, form: dict[str, str], auth_token: str) -> str:
    """X-Twilio-Signature of a POST."""
    text = url + "".join(name + form[name] for name in sorted(form))
    return base64.b64encode(hmac.new(auth_token.encode(), text.encode(), hashlib.sha1).digest()).decode()


class Webhooks:
    """Sends webhooks and remembers them."""

    def __init__(self, options: Options) -> None:
        self._options = options
        self._local = threading.local()
        self._lock = threading.Lock()
        self._count = 0
        self.deliver_to = options.deliver_to
        self.use_tokens = True
        self.sent: deque[Exchange] = deque(maxlen=_KEPT)

    def forget(self) -> None:
        """Forget what was sent."""
        self.sent.clear()
        self.use_tokens = True

    def post(
        self, url: str, form: dict[str, str], *, token: str | None = None, auth_token: str | None = None
    ) -> Exchange:
        """Send a webhook to a configured URL; a new idempotency token unless one is given ("" for none)."""
        if token is None:
            token = secrets.token_hex(16) if self.use_tokens else ""
        with self._lock:
            self._count += 1
            exchange = Exchange(
                n=self._count, url=url, endpoint=urlsplit(url).path.rpartition("/")[2], form=form, token=token
            )
            self.sent.append(exchange)
        self._send(exchange, auth_token if auth_token is not None else self._options.auth_token)
        return exchange

    def again(self, exchange: Exchange) -> Exchange:
        """Deliver a webhook once more, as a retry does."""
        return self.post(exchange.url, exchange.form, token=exchange.token)

    def _send(self, exchange: Exchange, auth_token: str) -> None:
        headers = {
            "X-Twilio-Signature": sign(exchange.url, exchange.form, auth_token),
            "X-Home-Region": "us1",
            "User-Agent": "TwilioProxy/1.1",
            "Content-Type": "application/x-www-form-urlencoded; charset=UTF-8",
            "Accept": "*/*",
        }
        if exchange.token:
            headers["I-Twilio-Idempotency-Token"] = exchange.token
        started = time.monotonic()
        try:
            answer = self._session().post(
                self._address(exchange.url), data=exchange.form, headers=headers, timeout=TIMEOUT, allow_redirects=False
            )
            exchange.status, exchange.answer = answer.status_code, answer.content.decode("utf-8", "replace")
            exchange.content_type = answer.headers.get("Content-Type", "")
        except requests.RequestException as error:
            exchange.error = type(error).__name__
        exchange.ms = (time.monotonic() - started) * 1000

    def _session(self) -> requests.Session:
        session: requests.Session | None = getattr(self._local, "session", None)
        if session is None:
            session = self._local.session = requests.Session()
            session.trust_env = False
        return session

    def _address(self, url: str) -> str:
        if not self.deliver_to:
            return url
        to = urlsplit(self.deliver_to)
        return urlunsplit(urlsplit(url)._replace(scheme=to.scheme, netloc=to.netloc))
