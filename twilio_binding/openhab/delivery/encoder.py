"""What openHAB is given for an event: by the script its states by channel, by the relay rule the states of linked items."""

from __future__ import annotations

from collections.abc import Iterator

from twilio_binding.incoming.ports import Delivery
from twilio_binding.openhab.delivery.relay_text import Firing, ItemState
from twilio_binding.openhab.profiles import COMMANDING, applied
from twilio_binding.openhab.registries.links import ItemLink, ItemLinks
from twilio_binding.protocol.events import BridgeEvent


class EventEncoder:
    """Encodes deliveries. An id is the same in both ways, so that an event that goes both ways takes effect once."""

    def __init__(self, links: ItemLinks, secret: str) -> None:
        self._links = links
        self._prefix = secret[:8]

    def for_script(self, delivery: Delivery) -> BridgeEvent:
        """The event for the script."""
        event = delivery.event
        channel, payload = (event.channel, event.payload) if fires(delivery) else ("", "")
        return BridgeEvent(
            id=self.id_of(delivery), thing=event.thing, states=event.states, channel=channel, payload=payload
        )

    def for_relay_rule(self, delivery: Delivery) -> Firing:
        """The event for the relay rule, with the profiles of the links applied."""
        event, channel = delivery.event, trigger(delivery)
        return Firing(
            id=self.id_of(delivery),
            thing=event.thing,
            states=tuple(self._item_states(delivery)),
            channel=channel,
            payload=event.payload if channel else "",
        )

    def _item_states(self, delivery: Delivery) -> Iterator[ItemState]:
        event = delivery.event
        for channel, state in event.states:
            for link in self._links.of(f"{event.thing}:{channel}"):
                yield from _item_state(link, applied(link.profile, state, link.configuration))
        for link in self._links.of(trigger(delivery)):
            yield from _item_state(link, applied(link.profile, event.payload, link.configuration, to_trigger=True))

    def id_of(self, delivery: Delivery) -> str:
        """The id that an event has on each way into openHAB."""
        return f"{self._prefix}-{delivery.id}"


def fires(delivery: Delivery) -> bool:
    """Whether the event fires a trigger channel; one that comes too late sets states only."""
    return bool(delivery.event.channel) and not delivery.stale


def trigger(delivery: Delivery) -> str:
    """The UID of the trigger channel that the event fires, "" for none."""
    return f"{delivery.event.thing}:{delivery.event.channel}" if fires(delivery) else ""


def _item_state(link: ItemLink, text: str | None) -> Iterator[ItemState]:
    if text is not None:
        yield ItemState(item=link.item, link=link.channel, text=text, is_command=link.profile == COMMANDING)
