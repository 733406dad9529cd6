"""The clock of this machine, compared with Twilio's, which is in each of its answers."""

from __future__ import annotations

from collections.abc import Iterator

from twilio_binding.doctor.case import Case
from twilio_binding.doctor.links.link import Link
from twilio_binding.doctor.results import LinkResult, failed, ok, skipped, warning

_OFF, _FAR = 5.0, 60.0
_CURE = "synchronize the clock with NTP: timedatectl set-ntp true"


def look(case: Case) -> Iterator[LinkResult]:
    """Sends no request of its own."""
    ahead = case.clients.clock.ahead
    if ahead is None:
        yield skipped("not compared: Twilio has not answered")
        return
    facts = {"seconds_behind_twilio": round(ahead)}
    side = "behind" if ahead > 0 else "ahead of"
    told = f"this machine's clock is {abs(ahead):.0f} s {side} Twilio's"
    if abs(ahead) > _FAR:
        yield failed(f"{told}: TLS and the script in openHAB reject messages when the clocks differ", _CURE, facts)
    elif abs(ahead) > _OFF:
        yield warning(told, _CURE, facts)
    else:
        yield ok("within a few seconds of Twilio's", facts)


LINK = Link(id="clock", title="Clock", look=look, seconds=lambda _: 5.0)
