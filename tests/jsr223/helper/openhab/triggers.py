"""The triggers of the helper library."""

from __future__ import annotations


class ChannelEventTrigger:
    """An event of a trigger channel."""

    def __init__(self, channel_uid: str, event: str | None = None) -> None:
        self.channel = channel_uid
        self.event = event
