"""The conversation with one number, in both directions."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from twilio_binding.clock import in_turns
from twilio_binding.history.entries import Entry, EntryReader
from twilio_binding.history.ports import NEWEST, PastEvent, PastEvents, PastSends, Peer, Peers, StoredSend, Wall

_SPAN = 1000
_SPANS = 5
"""Number of events and requests that a search reads at a time, and of reads before it returns a part."""
_FOUND = 40
"""Number of texts with which a search is content."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Cursor:
    """The position in the list: before an id of the journal, and before a time in the outbox."""

    event: float = NEWEST
    send: float = NEWEST


@dataclass(frozen=True, slots=True, kw_only=True)
class ConversationPart:
    """A part of a conversation, newest first; `older` is the next position, None at the end."""

    entries: Sequence[Entry]
    older: Cursor | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Summary:
    """A number, and its newest message or call."""

    peer: Peer
    at: datetime
    entry: Entry | None


class Conversations:
    """Reads conversations."""

    def __init__(self, peers: Peers, events: PastEvents, sends: PastSends, *, wall: Wall) -> None:
        self._peers = peers
        self._events = events
        self._sends = sends
        self._wall = wall
        self._reader = EntryReader(events, wall=wall)

    def newest(self, before: tuple[float, float], limit: int) -> tuple[Sequence[Summary], tuple[float, float] | None]:
        """The latest numbers before a time and an id, newest first, and the next position."""
        peers = self._peers.newest(before, limit + 1)
        older = (peers[limit - 1].last, peers[limit - 1].id) if len(peers) > limit else None
        return [self._summary(peer) for peer in peers[:limit]], older

    def peer(self, peer_id: int) -> Peer | None:
        """A number, by its id."""
        return self._peers.of(peer_id)

    def entry(self, event_id: int) -> Entry | None:
        """An incoming message, by the id of its event."""
        event = self._events.one(event_id)
        return self._reader.received(event) if event and event.peer else None

    def of(self, peer: Peer, cursor: Cursor, limit: int) -> ConversationPart:
        """The conversation with a number before a position, newest first."""
        events = self._events.of_peer(peer.number, cursor.event, limit + 1)
        sends = self._sends.to(peer.number, cursor.send, limit + 1)
        both: list[PastEvent | StoredSend] = [*events, *sends]
        both.sort(key=lambda one: one.at, reverse=True)
        shown = both[:limit]
        older = _after(shown, cursor) if len(both) > limit else None
        return ConversationPart(entries=self._reader.all(shown), older=older)

    def search(self, wanted: str, cursor: Cursor) -> ConversationPart:
        """Some texts that contain something, newest first; reads a limited part of all texts."""
        found: list[PastEvent | StoredSend] = []
        event: float | None = cursor.event
        send: float | None = cursor.send
        for _ in in_turns(range(_SPANS)):  # calls come first
            if len(found) >= _FOUND:
                break
            if event:
                events, event = self._events.texts(event, _SPAN)
                found += (one for one in events if _has(wanted, one.payload.get("body")))
            if send:
                sends, send = self._sends.texts(send, _SPAN)
                found += (one for one in sends if _has(wanted, one.args.get("message")))
        found.sort(key=lambda one: one.at, reverse=True)
        # All recipients of one text, which are stored at the same time, are found together.
        shown = [one for one in found if one.at >= found[_FOUND - 1].at] if len(found) > _FOUND else found
        older = Cursor(event=event or 0, send=send or 0) if event or send else None
        if len(shown) < len(found):
            older = _after(shown, cursor)
        return ConversationPart(entries=self._reader.all(shown), older=older)

    def numbers(self, part: str) -> Sequence[Summary]:
        """Numbers that contain this part."""
        return [self._summary(peer) for peer in self._peers.matching(part, 20)]

    def ids_of(self, numbers: Iterable[str]) -> dict[str, int]:
        """The ids of numbers."""
        return dict(self._peers.ids(sorted(set(numbers))))

    def _summary(self, peer: Peer) -> Summary:
        entries = self.of(peer, Cursor(), 1).entries
        return Summary(peer=peer, at=self._wall(peer.last), entry=entries[0] if entries else None)


def _after(shown: Sequence[PastEvent | StoredSend], cursor: Cursor) -> Cursor:
    """The position after what is shown from a position on."""
    event = min((one.id for one in shown if isinstance(one, PastEvent)), default=cursor.event)
    send = min((one.at for one in shown if isinstance(one, StoredSend)), default=cursor.send)
    return Cursor(event=event, send=send)


def _has(wanted: str, text: object) -> bool:
    return isinstance(text, str) and wanted.casefold() in text.casefold()
