"""Interprets refusals, timeouts and invalid answers of Twilio."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import Any, TypeVar

import requests
from requests.exceptions import ConnectionError as RequestsConnectionError
from twilio.base.exceptions import TwilioException, TwilioRestException
from twilio.rest import Client

from twilio_binding.errors import OutcomeUnknownError, TwilioError
from twilio_binding.masking import mask_text
from twilio_binding.model.error_meanings import meaning
from twilio_binding.tls import failure

_TOO_MANY = 20429
_INACTIVE = frozenset({10001, 20005, 20403, 90010})
"""Codes of an account that is suspended or closed."""
_FORBIDDEN = frozenset({20006, 70051})
"""Codes for valid credentials without permission, such as those of a restricted API key."""
_FORM = {"Content-Type": "application/x-www-form-urlencoded"}
_T = TypeVar("_T")


def asking(ask: Callable[[], _T]) -> _T:
    """Ask Twilio; errors tell whether the request may have had an effect."""
    try:
        return ask()
    except TwilioRestException as error:
        raise _refused(error.status, error.code, str(error.msg or "")) from None
    except (requests.ConnectTimeout, requests.exceptions.ProxyError, requests.exceptions.SSLError) as error:
        raise _not_reached(error) from None
    except RequestsConnectionError as error:
        # Refused, or no such host: nothing was sent. After any other error, Twilio may have received the request.
        if "NewConnectionError" in repr(error) or "NameResolutionError" in repr(error):
            raise _not_reached(error) from None
        raise OutcomeUnknownError("the connection to Twilio broke before its answer") from None
    except requests.Timeout:
        raise OutcomeUnknownError("Twilio did not answer in time") from None
    except (requests.RequestException, OSError):
        raise OutcomeUnknownError("the connection to Twilio broke before its answer") from None
    except (TwilioException, ValueError, KeyError, TypeError, AttributeError, RecursionError):
        raise OutcomeUnknownError("Twilio's answer could not be read") from None


def answer_of(
    client: Client,
    method: str,
    url: str,
    *,
    query: Mapping[str, str] | None = None,
    form: Mapping[str, str] | None = None,
) -> dict[str, Any]:
    """The JSON object in Twilio's answer to a request.

    Not through the SDK's resources: if a page fails, they do not say why, take invalid content for an empty answer, and
    hide when to retry.
    """
    answer = asking(lambda: client.request(method, url, params=query, data=form, headers=dict(_FORM) if form else None))
    body = _json(answer.text)
    if not 200 <= answer.status_code < 300:
        code, text = (body or {}).get("code"), (body or {}).get("message")
        error = _refused(
            answer.status_code, code if isinstance(code, int) else None, text if isinstance(text, str) else ""
        )
        if isinstance(error, TwilioError):
            error.retry_after = _seconds((answer.headers or {}).get("Retry-After", ""))
        raise error
    if body is None:
        raise OutcomeUnknownError("Twilio's answer could not be read")
    return body


def _json(text: str) -> dict[str, Any] | None:
    try:
        body = json.loads(text)
    except (ValueError, RecursionError):
        return None
    return body if isinstance(body, dict) else None


def _seconds(text: str) -> float:
    return float(text) if text.isascii() and text.isdigit() and len(text) < 9 else 0.0


def _not_reached(error: Exception) -> TwilioError:
    why = "the proxy cannot be used" if isinstance(error, requests.exceptions.ProxyError) else failure(error)
    text = f"Twilio cannot be reached ({why}); check the internet connection"
    return TwilioError("twilio_away", text, retryable=True)


def _refused(status: int, given: int | None, message: str) -> TwilioError | OutcomeUnknownError:
    code = given or status
    if code == _TOO_MANY or status == 429:
        return TwilioError(f"twilio.{code}", "too many requests to Twilio", retryable=True)
    if status >= 500 or status < 400:
        return OutcomeUnknownError(f"Twilio answered {status}")
    if code in _INACTIVE:
        return TwilioError(f"twilio.{code}", "Account is not active", inactive=True)
    if code in _FORBIDDEN:
        return TwilioError(f"twilio.{code}", "these credentials do not have permission for this", forbidden=True)
    if status == 401:
        return TwilioError("twilio.20003", "Invalid Account SID or Auth Token")
    if code < 10000:
        # Not a code of Twilio: a proxy or a captive portal answered instead.
        return TwilioError(f"twilio.http_{status}", "the answer does not come from Twilio's API")
    text = mask_text(message.removeprefix("Unable to create record: "))[:300]
    plain = meaning(code)
    return TwilioError(f"twilio.{code}", f"{text} ({plain})" if plain else text, forbidden=status == 403)
