"""What a stand-in for Twilio is started with, and what can be changed while it runs."""

from __future__ import annotations

from dataclasses import dataclass, fields


@dataclass(frozen=True, slots=True, kw_only=True)
class TwilioOptions:
    """Settings of one stand-in.

    `deliver_to` is where webhooks really go, whatever host their URL names; "" sends them to their URL.
    `pause` lies between two status callbacks, `ring` before a call is answered, in seconds. `pace` says how much of
    the time that Pause, Record and an unanswered Gather take really passes: 0 none, 1 all of it.
    """

    host: str = "127.0.0.1"
    port: int = 0
    control_port: int = 0
    account_sid: str = "AC00000000000000000000000000000001"
    auth_token: str = "your_auth_token"
    api_key_sid: str = ""
    api_key_secret: str = ""
    number: str = "+15551234567"
    base_url: str = "https://my.domain.com/twilio/callback/twilio:phone:myaccount:myphone"
    deliver_to: str = ""
    pause: float = 0.03
    ring: float = 0.03
    pace: float = 0.0


SECRETS = frozenset({"auth_token", "api_key_secret"})


@dataclass(slots=True, kw_only=True)
class Conduct:
    """How the stand-in behaves at the moment.

    `callbacks` is how often each status callback is sent, `shuffle` sends those of one message or call in reverse
    order, `use_tokens` adds idempotency tokens. `verified` are the numbers,
    with blanks between them, that an account of type `Trial` reaches. `clock_ahead` is by how many seconds its clock is
    ahead of this machine's. `keeps_updates` is whether an update of a number is really done, and
    `page_limit` the most entries that a page has.
    """

    account_sid: str
    auth_token: str
    deliver_to: str
    pause: float
    ring: float
    pace: float
    account_status: str = "active"
    account_type: str = "Full"
    balance: str = "20.00"
    verified: str = ""
    clock_ahead: float = 0.0
    callbacks: int = 1
    shuffle: bool = False
    use_tokens: bool = True
    keeps_updates: bool = True
    page_limit: int = 1000

    @classmethod
    def at_start(cls, options: TwilioOptions) -> Conduct:
        """As the options say."""
        return cls(
            account_sid=options.account_sid,
            auth_token=options.auth_token,
            deliver_to=options.deliver_to,
            pause=options.pause,
            ring=options.ring,
            pace=options.pace,
        )

    def change(self, settings: dict[str, object]) -> None:
        """Take over settings; raises ValueError for a name or a type that does not fit, and changes nothing then."""
        known = {each.name for each in fields(self)}
        for name, value in settings.items():
            kind = type(getattr(self, name)) if name in known else None
            if kind is float and type(value) is int:
                continue
            if kind is None or type(value) is not kind:
                raise ValueError(f"no such setting: {name}={value!r}")
        for name, value in settings.items():
            setattr(self, name, value)
