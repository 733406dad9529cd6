"""Pictures and other files of incoming messages, and recordings of calls: Twilio stores them."""

from __future__ import annotations

import threading
import time
from urllib.parse import urlsplit, urlunsplit

import requests

from twilio_binding.errors import TwilioError
from twilio_binding.model.content_types import Media, NoMediaError, read_media
from twilio_binding.model.things import Account
from twilio_binding.twilio_api.clients import TIMEOUT, is_twilio, login_of

_MOST = 8 * 1024 * 1024
"""Maximum bytes; Twilio accepts 5 MiB in a text message."""
_AT_A_TIME = 3
_PIECE = 64 * 1024
_GONE = (
    "Twilio does not have it (HTTP {status}): it was deleted there, or is not ready yet. "
    "If it is new, wait a minute, and reload the page."
)
_ANSWERS = {
    401: "Twilio does not accept the login (HTTP 401). Check accountSid and authToken, or the API key, of {account}.",
    403: "Twilio does not allow this login to read it (HTTP 403). Check in the Twilio Console whether the account is active, "
    "and whether the API key of {account} may read it.",
    404: _GONE,
    410: _GONE,
    429: "Twilio gets too many requests at the moment (HTTP 429). Wait a minute, and reload the page.",
}
_FAULT = (
    "Twilio has a problem at the moment (HTTP {status}). Reload the page in some minutes; see also status.twilio.com."
)
_OTHER = "Twilio refused it (HTTP {status}). Reload the page in some minutes."
_SLOW = "Twilio did not send it within {seconds:.0f} seconds. Reload the page to try again."
_UNREACHED = "Twilio cannot be reached ({name}). Check the internet connection of this machine; the doctor on the overview tests it."
_ELSEWHERE = "Its address does not belong to Twilio, so it is not fetched."
_LARGE = "It has more than {most} MiB, too much to be shown here. Open it in Twilio's Console, below Monitor > Logs."
_NO_FILE = "Twilio sent {found}, so there is nothing to show."


class TwilioPictures:
    """Fetches files of messages, and recordings; `api_url` is the base URL of Twilio."""

    def __init__(self, api_url: str) -> None:
        self._base = urlsplit(api_url)
        self._is_twilio = is_twilio(api_url)
        self._places = threading.BoundedSemaphore(_AT_A_TIME)

    def fetch(self, account: Account, url: str) -> Media:
        """The content of a URL from a webhook; raises `TwilioError`, whose text says why not and what to do."""
        url = self._here(url)
        if not self._is_at_twilio(url):
            raise _error(404, _ELSEWHERE)
        until = time.monotonic() + TIMEOUT
        if not self._places.acquire(timeout=TIMEOUT):
            raise _slow()
        try:
            return self._fetch(account, url, until)
        except NoMediaError as error:
            raise _error(404, _NO_FILE.format(found=error)) from None
        except (requests.RequestException, OSError) as error:
            if isinstance(error, requests.Timeout) or time.monotonic() >= until:
                raise _slow() from None
            raise _error(502, _UNREACHED.format(name=type(error).__name__)) from None
        finally:
            self._places.release()

    def _here(self, url: str) -> str:
        """For a URL of Twilio, the URL at its stand-in."""
        if self._is_twilio or not is_twilio(url):
            return url
        return urlunsplit(urlsplit(url)._replace(scheme=self._base.scheme, netloc=self._base.netloc))

    def _is_at_twilio(self, url: str) -> bool:
        parts = urlsplit(url)
        if (parts.scheme, parts.netloc) == (self._base.scheme, self._base.netloc):
            return True
        return parts.scheme == "https" and is_twilio(url) and self._is_twilio

    def _fetch(self, account: Account, url: str, until: float) -> Media:
        with requests.Session() as session:
            session.trust_env = self._is_twilio
            # For redirects to Twilio's storage, requests drops user and password.
            with session.get(url, auth=login_of(account), timeout=TIMEOUT, stream=True) as answer:
                status = answer.status_code
                if status != 200:
                    text = _ANSWERS.get(status, _FAULT if status >= 500 else _OTHER)
                    code = 404 if text is _GONE else 502
                    raise _error(code, text.format(status=status, account=account.uid))
                return read_media(answer.headers.get("Content-Type"), _content(answer, until))


def _content(answer: requests.Response, until: float) -> bytes:
    content = bytearray()
    for piece in answer.iter_content(_PIECE):
        content += piece
        if len(content) > _MOST:
            raise _error(502, _LARGE.format(most=_MOST // 1024 // 1024))
        if time.monotonic() > until:
            raise _slow()
    return bytes(content)


def _slow() -> TwilioError:
    return _error(504, _SLOW.format(seconds=TIMEOUT))


def _error(status: int, text: str) -> TwilioError:
    """`status` is that of the page with the text."""
    error = TwilioError("no_picture", text, retryable=False)
    error.http_status = status
    return error
