"""Reports item links that cannot work."""

from __future__ import annotations

from collections.abc import Callable, Collection

from twilio_binding.openhab.delivery.set_aside import SetAside
from twilio_binding.openhab.registries.links import ItemLinks
from twilio_binding.openhab.status import ConnectionStatus
from twilio_binding.subscribers import Subscribers


class LinkCheck:
    """Checks the links of our channels, then notifies `checked`.

    `things` returns the UIDs of all things with channels.
    """

    def __init__(
        self, status: ConnectionStatus, links: ItemLinks, things: Callable[[], Collection[str]], aside: SetAside
    ) -> None:
        self.checked: Subscribers[[]] = Subscribers()
        self._status = status
        self._links = links
        self._things = things
        self._aside = aside

    def check(self) -> None:
        """Set aside the links that cannot work, and forget those that no longer exist."""
        self.checked.notify()
        problems = self._links.problems(self._things(), has_profiles=self._status.has_script)
        self._aside.look_at(problems, is_known=lambda key: self._links.has(*key))
