"""The place of a number, as in the geographic fields of webhooks."""

from __future__ import annotations

_HOMES = {
    "From": {"City": "CENTREVILLE", "State": "VA", "Zip": "22036"},
    "To": {"City": "COLEMAN", "State": "MI", "Zip": "48612"},
}
_UNKNOWN = {"City": "", "State": "", "Zip": ""}
_COUNTRIES = {
    "+1": "US",
    "+31": "NL",
    "+33": "FR",
    "+39": "IT",
    "+41": "CH",
    "+43": "AT",
    "+44": "GB",
    "+49": "DE",
    "+61": "AU",
    "+81": "JP",
    "+91": "IN",
}


def places(sender: str, recipient: str) -> dict[str, str]:
    """The fields FromCity to ToCountry. Only North American numbers have a city; the fields of others are empty."""
    return _place("From", sender) | _place("To", recipient)


def call_places(caller: str, called: str) -> dict[str, str]:
    """The fields CallerCity to CalledCountry, which have the same values as those of `places`."""
    named = {"From": "Caller", "To": "Called"}
    found: dict[str, str] = {}
    for side, number in (("From", caller), ("To", called)):
        found |= {named[side] + name.removeprefix(side): value for name, value in _place(side, number).items()}
    return found


def _place(side: str, number: str) -> dict[str, str]:
    country = next((_COUNTRIES[number[:n]] for n in (3, 2) if number[:n] in _COUNTRIES), None)
    if country is None:
        return {}
    home = _HOMES[side] if country == "US" else _UNKNOWN
    return {side + name: value for name, value in (home | {"Country": country}).items()}
