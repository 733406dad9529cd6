"""Signed webhooks, sent as Twilio sends them."""

from __future__ import annotations

import threading
import time
import uuid
from collections import deque
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass
from urllib.parse import parse_qs, urlencode, urlsplit, urlunsplit

import requests
from urllib3.exceptions import ConnectTimeoutError, NewConnectionError

from twilio_binding.sandbox.twilio.options import Conduct
from twilio_binding.sandbox.twilio.signing import Form, requested_url, sign, signed_url

TIMEOUT = 15.0
_CONNECT = 5.0
_LARGEST = 64 * 1024
_KEPT = 10_000
_VOICE = ("CallSid", "ParentCallSid")


@dataclass(slots=True, kw_only=True)
class WebhookExchange:
    """One webhook and its answer. Status 0 means no answer. `ms` is the time to the answer, `at` the start (monotonic)."""

    n: int
    url: str
    endpoint: str
    method: str
    form: Form
    token: str
    status: int = 0
    answer: str = ""
    content_type: str = ""
    ms: float = 0.0
    at: float = 0.0
    error: str = ""

    def shown(self) -> dict[str, object]:
        """The webhook as the control API shows it."""
        return asdict(self)


class WebhookSender:
    """Sends webhooks, and keeps the latest."""

    def __init__(self, conduct: Conduct) -> None:
        self.conduct = conduct
        self._local = threading.local()
        self._lock = threading.Lock()
        self._count = 0
        self.sent: deque[WebhookExchange] = deque(maxlen=_KEPT)

    def post(
        self, url: str, form: Form, *, method: str = "POST", token: str | None = None, auth_token: str | None = None
    ) -> WebhookExchange:
        """Send a webhook to a configured URL.

        `token` is the idempotency token: None makes a new one, "" sends none. `auth_token` signs the webhook: None is
        that of the account, "" sends no signature.
        """
        exchange = self._noted(url, form, method, self._token(token))
        self._send(exchange, self.conduct.auth_token if auth_token is None else auth_token)
        return exchange

    def again(self, exchange: WebhookExchange, copies: int = 1) -> list[WebhookExchange]:
        """Send a webhook again with its token, like a retry. Several copies are sent at the same moment."""
        return self.at_once(exchange.url, exchange.form, copies, method=exchange.method, token=exchange.token)

    def at_once(
        self, url: str, form: Form, copies: int, *, method: str = "POST", token: str | None = None
    ) -> list[WebhookExchange]:
        """Send copies of a webhook at the same moment, all with the same token."""
        token = self._token(token)
        noted = [self._noted(url, form, method, token) for _ in range(copies)]
        with ThreadPoolExecutor(copies, thread_name_prefix="twilio-copy") as pool:
            list(pool.map(lambda copy: self._send(copy, self.conduct.auth_token), noted))
        return noted

    def find(self, n: int) -> WebhookExchange:
        """Webhook number `n`. Raises ValueError if it is unknown, or too old."""
        found = next((exchange for exchange in tuple(self.sent) if exchange.n == n), None)
        if found is None:
            raise ValueError(f"there is no webhook {n}")
        return found

    def fetch(self, url: str) -> tuple[int, bytes, str]:
        """Fetch the picture of a message. Returns status, bytes and content type; without an answer, status 0."""
        try:
            with self._session().get(self._address(url), timeout=TIMEOUT) as answer:
                return answer.status_code, answer.content, answer.headers.get("Content-Type", "")
        except requests.RequestException:
            return 0, b"", ""

    def _token(self, given: str | None) -> str:
        if given is not None:
            return given
        return str(uuid.uuid4()) if self.conduct.use_tokens else ""

    def _noted(self, url: str, form: Form, method: str, token: str) -> WebhookExchange:
        endpoint = urlsplit(url).path.rpartition("/")[2]
        with self._lock:
            self._count += 1
            exchange = WebhookExchange(n=self._count, url=url, endpoint=endpoint, method=method, form=form, token=token)
            self.sent.append(exchange)
        return exchange

    def _send(self, exchange: WebhookExchange, auth_token: str) -> None:
        headers = {"X-Home-Region": "us1", "User-Agent": "TwilioProxy/1.1", "Accept": "*/*"}
        if exchange.token:
            headers["I-Twilio-Idempotency-Token"] = exchange.token
        url = signed_url(exchange.url, voice=any(name in exchange.form for name in _VOICE))
        form = exchange.form
        if exchange.method == "GET":
            url, form = _with_query(url, form), {}
        else:
            headers["Content-Type"] = "application/x-www-form-urlencoded; charset=UTF-8"
        if auth_token:
            headers["X-Twilio-Signature"] = sign(url, form, auth_token)
        started = exchange.at = time.monotonic()
        # One more attempt if no connection is established: Twilio's default (rc=1, rp=ct).
        if not self._try(exchange, headers, form, started):
            self._try(exchange, headers, form, started)
        exchange.ms = (time.monotonic() - started) * 1000

    def _try(self, exchange: WebhookExchange, headers: dict[str, str], form: Form, started: float) -> bool:
        """Send the request once. Returns whether a connection was established."""
        url = _with_query(exchange.url, exchange.form) if exchange.method == "GET" else exchange.url
        left = max(started + TIMEOUT - time.monotonic(), 0.1)
        exchange.error = ""
        try:
            with self._session().request(
                exchange.method,
                self._address(url),
                data=urlencode(form, doseq=True) or None,
                headers=headers,
                timeout=(min(_CONNECT, left), left),
                allow_redirects=False,
                stream=True,
            ) as answer:
                exchange.answer = _read(answer, started + TIMEOUT)
                exchange.content_type = answer.headers.get("Content-Type", "")
                exchange.status = answer.status_code
        except requests.RequestException as error:
            exchange.error = type(error).__name__
            return not _is_unconnected(error)
        return True

    def _session(self) -> requests.Session:
        session: requests.Session | None = getattr(self._local, "session", None)
        if session is None:
            session = self._local.session = requests.Session()
            session.trust_env = False
        return session

    def _address(self, url: str) -> str:
        parts = urlsplit(requested_url(url))
        if not self.conduct.deliver_to:
            return urlunsplit(parts)
        to = urlsplit(self.conduct.deliver_to)
        return urlunsplit(parts._replace(scheme=to.scheme, netloc=to.netloc))


def _with_query(url: str, form: Form) -> str:
    """The URL with the form as its query. Parameters that are already in the URL stay."""
    bare = requested_url(url)
    given = parse_qs(urlsplit(bare).query, keep_blank_values=True)
    more = urlencode({name: value for name, value in form.items() if name not in given}, doseq=True)
    return f"{bare}{'&' if '?' in bare else '?'}{more}" if more else bare


def _read(answer: requests.Response, deadline: float) -> str:
    """The body, cut one byte after Twilio's limit, so that an answer that is too large is recognized."""
    body = b""
    for piece in answer.iter_content(8192):
        body += piece
        if time.monotonic() > deadline:
            raise requests.ReadTimeout("no complete answer within 15 s")
        if len(body) > _LARGEST:
            break
    return body[: _LARGEST + 1].decode("utf-8", "replace")


def _is_unconnected(error: requests.RequestException) -> bool:
    cause = getattr(error.args[0], "reason", None) if error.args else None
    return isinstance(cause, (NewConnectionError, ConnectTimeoutError))
