"""The options of a stand-in for Twilio, and the behavior that can be changed while it runs."""

from __future__ import annotations

from dataclasses import dataclass, fields


@dataclass(frozen=True, slots=True, kw_only=True)
class TwilioOptions:
    """Options of one stand-in.

    `deliver_to` is the server that gets the webhooks, whatever host their URL has; "" sends them to their URL. `pause` is
    the time between two status callbacks, `ring` the time before a call is answered, in seconds. `pace` multiplies the
    time of a Pause, a Record, and a Gather without input: with 0 they take no time.
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
    """The behavior of the stand-in. It can be changed at any time.

    `callbacks` is the number of times that each status callback is sent; `shuffle` sends those of one message or call in
    reverse order; `use_tokens` adds idempotency tokens. `verified` are the numbers that an account of type `Trial` can
    reach, separated by blanks. `clock_ahead` is the difference of the clock to that of this machine, in seconds. Without
    `keeps_updates`, updates of numbers have no effect. `page_limit` is the maximum number of entries on a page.
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
        """The behavior at the start, from the options."""
        return cls(
            account_sid=options.account_sid,
            auth_token=options.auth_token,
            deliver_to=options.deliver_to,
            pause=options.pause,
            ring=options.ring,
            pace=options.pace,
        )

    def change(self, settings: dict[str, object]) -> None:
        """Change fields. Raises ValueError for an unknown name or a wrong type, and then changes nothing."""
        known = {each.name for each in fields(self)}
        for name, value in settings.items():
            kind = type(getattr(self, name)) if name in known else None
            if kind is float and type(value) is int:
                continue
            if kind is None or type(value) is not kind:
                raise ValueError(f"no such setting: {name}={value!r}")
        for name, value in settings.items():
            setattr(self, name, value)
