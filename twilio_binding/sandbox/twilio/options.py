"""What a stand-in for Twilio is started with."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Options:
    """Settings of one stand-in.

    `deliver_to` is where webhooks really go, whatever host their URL names; "" sends them to their URL.
    `pause` lies between two status callbacks, `ring` before a call is answered, in seconds.
    """

    host: str = "127.0.0.1"
    port: int = 0
    account_sid: str = "AC00000000000000000000000000000001"
    auth_token: str = "your_auth_token"
    api_key_sid: str = ""
    api_key_secret: str = ""
    number: str = "+15551234567"
    base_url: str = "https://my.domain.com/twilio/callback/twilio:phone:myaccount:myphone"
    deliver_to: str = ""
    pause: float = 0.03
    ring: float = 0.03
