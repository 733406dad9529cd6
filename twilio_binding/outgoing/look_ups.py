"""Looks up sends whose answer was lost, for a while and across restarts."""

from __future__ import annotations

import threading
import time
from collections.abc import Sequence

import structlog

from twilio_binding.errors import OutcomeUnknownError, TwilioError
from twilio_binding.outgoing.ports import Gateway, Outbox, Sent
from twilio_binding.outgoing.send_part import SendPart
from twilio_binding.protocol.errors import Refusal
from twilio_binding.protocol.replies import Reply

_log = structlog.get_logger(__name__)

PAUSES = (1.0, *(2.0,) * 7)
"""Seconds before each look-up: 15 in all, in short steps, so that even a process that is often killed makes progress."""
PAUSES_OF_ALARMS = (0.5, 1.0, 1.5, 2.0)
"""The same for sends of alarms, for which a second one is better than none."""
_CANNOT_TELL = "Twilio did not answer, and could not be asked since then; the message or call may have been sent"


class StoppingError(Exception):
    """The process is stopping; pending requests stay in the outbox."""


class LookUp:
    """Looks up sends at Twilio after each of `pauses` (seconds), until `stopping` is set."""

    def __init__(
        self, outbox: Outbox, gateway: Gateway, *, stopping: threading.Event, pauses: Sequence[float] = PAUSES
    ) -> None:
        self._outbox = outbox
        self._gateway = gateway
        self._stopping = stopping
        self._pauses = tuple(pauses)
        self._of_alarms = min((self._pauses, PAUSES_OF_ALARMS), key=sum)

    def find(self, part: SendPart, *, asked: float, looks: int = 0) -> Sent | Reply | None:
        """Twilio's record of a send since it was `asked`; None if there is none, a reply if Twilio cannot tell.

        `looks` is the number of look-ups by earlier processes. While Twilio is down, the look-ups continue until the
        deadline. A record belongs to this send as soon as the caller has stored it; until then, the caller keeps twins
        waiting.
        """
        _log.warning("send.unknown", request_id=part.request.id, thing=part.request.thing, part=part.part.number)
        pauses = self._of_alarms if part.action.alarm else self._pauses
        while not self._stopping.wait(pauses[min(looks, len(pauses) - 1)]):
            looks += 1
            is_last = looks >= len(pauses)
            try:
                found = self._gateway.find(part.account, part.phone, part.action, part.part.to, since=asked)
            except (TwilioError, OutcomeUnknownError):
                # Without a look-up, sending again could send twice.
                if is_last and time.time() > part.give_up:
                    return Reply.refused(part.request.id, Refusal("unknown", _CANNOT_TELL))
            else:
                sent = next((sent for sent in found if not self._outbox.is_claimed(sent.sid)), None)
                if sent is not None or is_last:
                    return sent
            self._outbox.looked(part.request.id, part.part.number, looks)
        raise StoppingError
