"""Messages, calls, numbers, applications and services with the fields of Twilio's API."""

from __future__ import annotations

import json
import re
import secrets
import time
from collections.abc import Mapping, Sequence
from typing import Any

from twilio_binding.sandbox.twilio.forms import API_VERSION, now

Resource = dict[str, Any]
PRIVATE = ("at", "ended_at", "media", "fetched", "status_callback", "twiml", "url", "walk", "files")
"""What the control API shows and the REST API does not, of messages and calls; moments are monotonic seconds."""
_GSM = re.compile(r"[ -Z_a-z\n\r£¥èéùìòÇØøÅåÄÖÑÜ§¿äöñüà¤ΔΦΓΛΩΠΨΣΘΞÆæßÉ¡\[\\\]^{|}~€]*\Z")
_EXTENDED = re.compile(r"[\[\\\]^{|}~€]")


def new_sid(prefix: str) -> str:
    """A new SID."""
    return f"{prefix}{secrets.token_hex(16)}"


def segments(body: str) -> int:
    """The number of segments of a text: one for 160 GSM-7 or 70 UCS-2 characters, else one for every 153 or 67."""
    if _GSM.match(body):
        length, whole, part = len(body) + len(_EXTENDED.findall(body)), 160, 153
    else:
        length, whole, part = len(body.encode("utf-16-le")) // 2, 70, 67
    return 1 if length <= whole else -(-length // part)


def message(account: str, form: dict[str, str], media: Sequence[str], direction: str) -> Resource:
    """A new message. `media` are URLs."""
    sid = new_sid("MM" if media else "SM")
    uri = f"/{API_VERSION}/Accounts/{account}/Messages/{sid}"
    is_out = direction != "inbound"
    created = now()
    return {
        "sid": sid,
        "account_sid": account,
        "from": form.get("From", ""),
        "to": form.get("To", ""),
        "body": form.get("Body") or _of_template(form),
        "status": "queued" if is_out else "received",
        "direction": direction,
        "num_segments": str(segments(form.get("Body", ""))),
        "num_media": str(len(media)),
        "error_code": None,
        "error_message": None,
        "date_created": created,
        "date_sent": None if is_out else created,
        "date_updated": created,
        "price": None,
        "price_unit": "USD",
        "api_version": API_VERSION,
        "messaging_service_sid": None,
        "uri": f"{uri}.json",
        "subresource_uris": {"media": f"{uri}/Media.json"},
        "media": list(media),
        "files": {},
        "at": time.monotonic(),
        "status_callback": form.get("StatusCallback", ""),
    }


def _of_template(form: dict[str, str]) -> str:
    """The text of a template. Only its SID is known, so the text is the SID and the variables."""
    if not form.get("ContentSid"):
        return ""
    return " ".join([form["ContentSid"], *map(str, json.loads(form.get("ContentVariables") or "{}").values())])


def call(account: str, form: dict[str, str], direction: str) -> Resource:
    """A new call."""
    sid = new_sid("CA")
    created = now()
    return {
        "sid": sid,
        "account_sid": account,
        "from": form.get("From", ""),
        "from_formatted": form.get("From", ""),
        "to": form.get("To", ""),
        "to_formatted": form.get("To", ""),
        "status": "ringing" if direction == "inbound" else "queued",
        "direction": direction,
        "duration": None,
        "date_created": created,
        "date_updated": created,
        "start_time": None,
        "end_time": None,
        "queue_time": "0",
        "price": None,
        "price_unit": "USD",
        "api_version": API_VERSION,
        "answered_by": None,
        "caller_name": None,
        "forwarded_from": None,
        "parent_call_sid": None,
        "phone_number_sid": None,
        "uri": f"/{API_VERSION}/Accounts/{account}/Calls/{sid}.json",
        "at": time.monotonic(),
        "ended_at": 0.0,
        "twiml": "" if form.get("Url") else form.get("Twiml", ""),
        "url": form.get("Url", ""),
        "status_callback": form.get("StatusCallback", ""),
    }


def number(account: str, phone_number: str, settings: Mapping[str, object]) -> Resource:
    """A number of the account. Raises ValueError for an unknown setting."""
    sid = new_sid("PN")
    created = now()
    plain: Resource = {
        "sid": sid,
        "account_sid": account,
        "phone_number": phone_number,
        "friendly_name": f"({phone_number[2:5]}) {phone_number[5:8]}-{phone_number[8:]}",
        "capabilities": {"sms": True, "mms": True, "voice": True, "fax": False},
        "sms_url": "",
        "sms_method": "POST",
        "sms_fallback_url": "",
        "sms_fallback_method": "POST",
        "voice_url": "",
        "voice_method": "POST",
        "voice_fallback_url": "",
        "voice_fallback_method": "POST",
        "voice_caller_id_lookup": False,
        "status_callback": "",
        "status_callback_method": "POST",
        "sms_application_sid": "",
        "voice_application_sid": "",
        "trunk_sid": None,
        "beta": False,
        "origin": "twilio",
        "status": "in-use",
        "api_version": API_VERSION,
        "date_created": created,
        "date_updated": created,
        "uri": f"/{API_VERSION}/Accounts/{account}/IncomingPhoneNumbers/{sid}.json",
    }
    return _with(plain, settings)


def application(account: str, urls: Mapping[str, object]) -> Resource:
    """A TwiML application."""
    sid = new_sid("AP")
    plain: Resource = {"sid": sid, "account_sid": account, "friendly_name": "Sandbox", "sms_url": "", "voice_url": ""}
    return _with(plain, urls)


def service(account: str, numbers: Sequence[str], settings: Mapping[str, object]) -> Resource:
    """A messaging service. `files` has the SIDs of its numbers, which are not part of its JSON."""
    plain: Resource = {
        "sid": new_sid("MG"),
        "account_sid": account,
        "friendly_name": "Sandbox",
        "inbound_request_url": None,
        "inbound_method": "POST",
        "use_inbound_webhook_on_number": False,
        "files": list(numbers),
    }
    return _with(plain, settings)


def _with(plain: Resource, settings: Mapping[str, object]) -> Resource:
    unknown = settings.keys() - plain.keys()
    if unknown:
        raise ValueError(f"no such setting: {', '.join(sorted(unknown))}")
    return plain | dict(settings)
