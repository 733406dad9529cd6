"""What became of a send whose answer was lost: Twilio is asked for a while, over as many lives of the process as it takes."""

from __future__ import annotations

import threading
import time
from collections.abc import Sequence

import structlog

from twilio_binding.errors import OutcomeUnknownError, TwilioError
from twilio_binding.outgoing.ports import Gateway, Outbox, Sent
from twilio_binding.outgoing.send_part import Job
from twilio_binding.protocol.errors import Refusal
from twilio_binding.protocol.replies import Reply

_log = structlog.get_logger(__name__)

PAUSES = (1.0, *(2.0,) * 7)
"""Seconds before each look: 15 in all, in steps so short that a process which dies often gets on with them, too."""
_CANNOT_TELL = "no answer of Twilio came, and it could not be asked since; the message or call may have gone out"


class StoppingError(Exception):
    """The process ends: what is under way stays in the outbox."""


class LookUp:
    """Looks for sends at Twilio after each of `pauses` (seconds), until `stopping` is set."""

    def __init__(
        self, outbox: Outbox, gateway: Gateway, *, stopping: threading.Event, pauses: Sequence[float] = PAUSES
    ) -> None:
        self._outbox = outbox
        self._gateway = gateway
        self._stopping = stopping
        self._pauses = tuple(pauses)

    def find(self, job: Job, *, asked: float, looks: int = 0) -> Sent | Reply | None:
        """What Twilio has of a send since it was `asked`; None when it has nothing, a reply when it cannot tell.

        `looks` were made by an earlier life of the process. While Twilio is away, it looks on until the deadline.
        """
        _log.warning("send.unknown", request_id=job.request.id, thing=job.request.thing, part=job.part.number)
        while not self._stopping.wait(self._pauses[min(looks, len(self._pauses) - 1)]):
            looks += 1
            is_last = looks >= len(self._pauses)
            try:
                found = self._gateway.find(job.account, job.phone, job.action, job.part.to, since=asked)
            except (TwilioError, OutcomeUnknownError):
                # Without having looked, to send again might be to send twice.
                if is_last and time.time() > job.give_up:
                    return Reply.refused(job.request.id, Refusal("unknown", _CANNOT_TELL))
            else:
                sent = self._claim(job, found)
                if sent is not None or is_last:
                    return sent
            self._outbox.looked(job.request.id, job.part.number, looks)
        raise StoppingError

    def _claim(self, job: Job, found: Sequence[Sent]) -> Sent | None:
        """The first that belongs to no other request; noted at once."""
        for sent in found:
            if not self._outbox.is_claimed(sent.sid):
                self._outbox.settled(job.request.id, job.part.number, sent)
                return sent
        return None
