"""The links of the chain, one file each, in the order in which they are tried.

A link reports its findings as `doctor.results`, and notes in the `Case` what later links need.
"""

from twilio_binding.doctor.links import (
    broker,
    broker_speed,
    clock,
    data_folder,
    item_links,
    numbers,
    openhab,
    openhab_delivery,
    public_url,
    service,
    settings,
    text,
    twilio_account,
)
from twilio_binding.doctor.links.link import Link

LINKS: tuple[Link, ...] = (
    settings.LINK,
    data_folder.LINK,
    service.LINK,
    broker.LINK,
    broker_speed.LINK,
    openhab.LINK,
    openhab_delivery.LINK,
    item_links.LINK,
    twilio_account.LINK,
    clock.LINK,
    numbers.LINK,
    public_url.LINK,
    text.LINK,
)
"""All links."""

__all__ = ["LINKS", "Link"]
