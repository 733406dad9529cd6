"""What programs outside openHAB listen to, according to their announcements."""

from __future__ import annotations

import json
import threading

import structlog

_log = structlog.get_logger(__name__)

_MOST_BYTES = 16 * 1024
_MOST_PROGRAMS = 500
_MOST_CHANNELS = 500
_LONGEST_NAME = 200


class Programs:
    """The retained messages on `<base>/listener/<client>`, up to a limit. Thread-safe."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._channels: dict[str, frozenset[str]] = {}

    def hear(self, channel_uid: str) -> bool:
        """Whether a program has announced that it answers events of the channel."""
        return any(channel_uid in channels for channels in self._channels.values())

    def forget(self) -> None:
        """Forget all programs."""
        with self._lock:
            self._channels = {}

    def note(self, client: str, payload: bytes) -> None:
        """Note the announcement of a program; an empty one means that it has gone."""
        channels = self._read(client, payload)
        if channels is None:
            return
        with self._lock:
            known = {name: heard for name, heard in self._channels.items() if name != client}
            if channels and len(known) >= _MOST_PROGRAMS:
                _log.warning("mqtt.too_many_listeners", most=_MOST_PROGRAMS)
            elif channels:
                known[client] = channels
            self._channels = known

    def _read(self, client: str, payload: bytes) -> frozenset[str] | None:
        if len(payload) > _MOST_BYTES or len(client) > _LONGEST_NAME:
            _log.warning("mqtt.listener_too_large", client=client[:60], size=len(payload))
            return None
        try:
            body = json.loads(payload) if payload else {}
            channels = [str(channel) for channel in body.get("channels", ())]
        except (ValueError, AttributeError, TypeError, RecursionError):
            _log.warning("mqtt.listener_malformed", client=client[:60])
            return None
        return frozenset(channels[:_MOST_CHANNELS])
