"""Twilio's REST API through its SDK: send, call, and find out what became of it."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from typing import Any, TypeVar
from urllib.parse import urlsplit, urlunsplit

import requests
from requests.exceptions import ConnectionError as RequestsConnectionError
from twilio.base.exceptions import TwilioException, TwilioRestException
from twilio.http.http_client import TwilioHttpClient
from twilio.rest import Client

from twilio_binding.flows.ports import OutcomeUnknownError, Sent, TwilioError
from twilio_binding.masking import mask_text
from twilio_binding.model.actions import MakeCall, Send, SendMessage
from twilio_binding.model.things import Account, Phone

TIMEOUT = 15.0
"""Seconds for one request; Twilio answers sends within a few."""
_CALL_EVENTS = ["initiated", "ringing", "answered", "completed"]
_TOO_MANY = 20429
_T = TypeVar("_T")


class _HttpClient(TwilioHttpClient):  # type: ignore[misc]  # the SDK has no types
    """The SDK's HTTP client, towards another host where one is configured."""

    def __init__(self, api_url: str) -> None:
        super().__init__(timeout=TIMEOUT)
        self._base = urlsplit(api_url)
        self.session = requests.Session()
        if self._base.hostname in ("127.0.0.1", "localhost", "::1"):
            self.session.trust_env = False

    def request(self, method: str, url: str, *args: Any, **kwargs: Any) -> Any:  # noqa: ANN401
        """Send a request; only Twilio's own API host is replaced."""
        parts = urlsplit(url)
        if parts.hostname == "api.twilio.com" and self._base.netloc:
            url = urlunsplit(parts._replace(scheme=self._base.scheme, netloc=self._base.netloc))
        return super().request(method, url, *args, **kwargs)


class TwilioGateway:
    """Twilio for all accounts. `api_url` replaces https://api.twilio.com, for tests and proxies."""

    def __init__(self, api_url: str = "https://api.twilio.com") -> None:
        self._api_url = api_url
        self._lock = threading.Lock()
        self._clients: dict[Account, Client] = {}

    def stop(self) -> None:
        """Close all connections."""
        with self._lock:
            for client in self._clients.values():
                client.http_client.session.close()
            self._clients.clear()

    def check(self, account: Account) -> str:
        """The status of the account: `active`, `suspended` or `closed`; raises `TwilioError`."""
        client = self._client(account)
        if account.api_key_sid:
            # A standard API key may not read the account, but whoever may list its numbers is let in.
            _asking(lambda: _one_number(client, account))
            return "active"
        return str(_asking(lambda: client.api.accounts(account.account_sid).fetch().status))

    def send(self, account: Account, phone: Phone, send: Send, to: str, *, callback: str | None) -> Sent:
        """Send one message or make one call; raises `TwilioError` or `OutcomeUnknownError`."""
        client = self._client(account)
        wanted: dict[str, Any] = {"to": to, "from_": _sender(phone, send)}
        if callback is not None:
            wanted |= {"status_callback": callback}
        if isinstance(send, MakeCall):
            if callback is not None:
                wanted |= {"status_callback_event": _CALL_EVENTS, "status_callback_method": "POST"}
            call = _asking(lambda: client.calls.create(twiml=send.twiml, **wanted))
            return Sent(sid=str(call.sid), status=str(call.status))
        if send.body:
            wanted["body"] = send.body
        if send.media:
            wanted["media_url"] = list(send.media)
        message = _asking(lambda: client.messages.create(**wanted))
        return _sent_message(message)

    def find(self, account: Account, phone: Phone, send: Send, to: str, *, since: float) -> Sequence[Sent]:
        """What Twilio has of such a message or call since a moment (epoch seconds), oldest first."""
        client = self._client(account)
        # Twilio filters by day and notes whole seconds on its own clock, which may differ from ours.
        earliest = datetime.fromtimestamp(since - 30, UTC)
        if isinstance(send, MakeCall):
            calls = _asking(lambda: client.calls.list(to=to, from_=phone.phone_number, limit=50))
            found = [call for call in calls if (call.date_created or earliest) >= earliest]
            return [Sent(sid=str(call.sid), status=str(call.status)) for call in reversed(found)]
        messages = _asking(lambda: client.messages.list(to=to, from_=_sender(phone, send), limit=50))
        found = [message for message in messages if _is_like(message, send, earliest)]
        return [_sent_message(message) for message in reversed(found)]

    def _client(self, account: Account) -> Client:
        with self._lock:
            client = self._clients.get(account)
            if client is None:
                user, password = (account.account_sid, account.auth_token)
                if account.api_key_sid:
                    user, password = account.api_key_sid, account.api_key_secret
                # A non-empty environment keeps the SDK from reading the process's own.
                client = Client(
                    user,
                    password,
                    account.account_sid,
                    http_client=_HttpClient(self._api_url),
                    environment={"TWILIO_BINDING": "1"},
                )
                self._clients[account] = client
            return client


def _one_number(client: Client, account: Account) -> None:
    # Not through the SDK's lists: where a page fails, they do not say why.
    uri = f"/2010-04-01/Accounts/{account.account_sid}/IncomingPhoneNumbers.json"
    answer = client.request("GET", f"https://api.twilio.com{uri}", params={"PageSize": 1})
    if answer.status_code != 200:
        code = json.loads(answer.text).get("code")
        raise TwilioRestException(answer.status_code, uri, code=code)


def _sender(phone: Phone, send: Send) -> str:
    is_whatsapp = isinstance(send, SendMessage) and send.whatsapp
    return f"whatsapp:{phone.phone_number}" if is_whatsapp else phone.phone_number


def _is_like(message: Any, send: SendMessage, earliest: datetime) -> bool:  # noqa: ANN401
    created = message.date_created or earliest
    return created >= earliest and (message.body or "") == send.body and message.direction != "inbound"


def _sent_message(message: Any) -> Sent:  # noqa: ANN401
    segments = str(message.num_segments or "")
    return Sent(
        sid=str(message.sid), status=str(message.status), segments=int(segments) if segments.isdigit() else None
    )


def _asking(ask: Callable[[], _T]) -> _T:
    """Ask Twilio, and say of a failure whether the request can have had an effect."""
    try:
        return ask()
    except TwilioRestException as error:
        raise _refused(error) from None
    except (requests.ConnectTimeout, requests.exceptions.ProxyError, requests.exceptions.SSLError) as error:
        raise _not_reached(error) from None
    except RequestsConnectionError as error:
        # Refused, or no such host: nothing left us. Anything else broke while Twilio may have been at work.
        if "NewConnectionError" in repr(error) or "NameResolutionError" in repr(error):
            raise _not_reached(error) from None
        raise OutcomeUnknownError("the connection to Twilio broke before its answer") from None
    except (requests.RequestException, OSError):
        raise OutcomeUnknownError("Twilio did not answer in time") from None
    except (TwilioException, ValueError, KeyError, TypeError):
        raise OutcomeUnknownError("Twilio's answer could not be read") from None


def _not_reached(error: Exception) -> TwilioError:
    text = f"Twilio cannot be reached ({type(error).__name__}); look at the internet connection"
    return TwilioError("twilio_away", text, retryable=True)


def _refused(error: TwilioRestException) -> TwilioError | OutcomeUnknownError:
    code = error.code or error.status
    if code == _TOO_MANY or error.status == 429:
        return TwilioError(f"twilio.{code}", "Twilio is asked too often", retryable=True)
    if error.status >= 500 or error.status < 400:
        return OutcomeUnknownError(f"Twilio answered {error.status}")
    if error.status == 401:
        return TwilioError("twilio.20003", "Invalid Account SID or Auth Token")
    message = str(error.msg or "").removeprefix("Unable to create record: ")
    if code < 10000:
        # Not one of Twilio's codes: a proxy or a captive portal answered in its place.
        return TwilioError(f"twilio.http_{error.status}", "the answer does not come from Twilio's API")
    return TwilioError(f"twilio.{code}", mask_text(message)[:300])
