"""Pictures and other files of messages that came in, which Twilio keeps."""

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
"""Bytes; Twilio takes 5 MiB of a text message."""
_AT_A_TIME = 3
_PIECE = 64 * 1024


class TwilioPictures:
    """Fetches what messages have with them; `api_url` is where Twilio is."""

    def __init__(self, api_url: str) -> None:
        self._base = urlsplit(api_url)
        self._is_twilio = is_twilio(api_url)
        self._places = threading.BoundedSemaphore(_AT_A_TIME)

    def fetch(self, account: Account, url: str) -> Media:
        """What is at a URL that a webhook named; raises `TwilioError`."""
        url = self._here(url)
        if not self._is_at_twilio(url):
            raise _error("Twilio does not have the picture")
        with self._places:
            try:
                return self._fetch(account, url)
            except NoMediaError as error:
                raise _error(str(error)) from None
            except (requests.RequestException, OSError) as error:
                raise _error(f"Twilio did not give the picture ({type(error).__name__})") from None

    def _here(self, url: str) -> str:
        """The URL at what stands in for Twilio, for one of Twilio's own."""
        if self._is_twilio or not is_twilio(url):
            return url
        return urlunsplit(urlsplit(url)._replace(scheme=self._base.scheme, netloc=self._base.netloc))

    def _is_at_twilio(self, url: str) -> bool:
        parts = urlsplit(url)
        if (parts.scheme, parts.netloc) == (self._base.scheme, self._base.netloc):
            return True
        return parts.scheme == "https" and is_twilio(url) and self._is_twilio

    def _fetch(self, account: Account, url: str) -> Media:
        with requests.Session() as session:
            session.trust_env = self._is_twilio
            # Where Twilio sends us on, to its storage, requests leaves user and password out.
            with session.get(url, auth=login_of(account), timeout=TIMEOUT, stream=True) as answer:
                if answer.status_code != 200:
                    raise _error(f"Twilio has no such picture (HTTP {answer.status_code})")
                return read_media(answer.headers.get("Content-Type"), _content(answer))


def _content(answer: requests.Response) -> bytes:
    until, content = time.monotonic() + TIMEOUT, bytearray()
    for piece in answer.iter_content(_PIECE):
        content += piece
        if len(content) > _MOST:
            raise _error("the picture is too large to be shown here")
        if time.monotonic() > until:
            raise _error("the picture takes too long")
    return bytes(content)


def _error(text: str) -> TwilioError:
    return TwilioError("no_picture", text, retryable=False)
