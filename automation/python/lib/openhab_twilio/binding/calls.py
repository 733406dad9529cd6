"""The door for the sidecar: signed calls in, events handed to the handlers, one answer each."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from twilio_binding.protocol.errors import Refusal
from twilio_binding.protocol.script import (
    STATUSES,
    Announcement,
    BridgeEvent,
    EventAnswer,
    decode_events,
    encode_answers,
    encode_refusal,
)
from twilio_binding.protocol.signing import Gate, sign_answer


@dataclass(frozen=True, slots=True, kw_only=True)
class Answered:
    """An HTTP answer."""

    status: int
    body: bytes
    signature: str


class Door:
    """Answers calls. `deliver` carries out one event; `unexpected` is told what went wrong inside."""

    def __init__(
        self,
        secret: str,
        *,
        announcement: Callable[[], Announcement],
        deliver: Callable[[BridgeEvent], EventAnswer],
        unexpected: Callable[[BaseException], None],
    ) -> None:
        self._secret = secret
        self._gate = Gate(secret)
        self._announcement = announcement
        self._deliver = deliver
        self._unexpected = unexpected

    def answer(self, call: str, body: bytes, signature: str) -> Answered:
        """Carry out a call; whatever happens there is an answer, and it is signed."""
        nonce = ""
        try:
            nonce = self._gate.admit(call, body, signature, time.time())
            status, answer = 200, self._carry_out(call, body)
        except Refusal as refusal:
            status, answer = STATUSES.get(refusal.code, 400), encode_refusal(refusal, time.time())
        except BaseException as error:
            self._unexpected(error)
            failed = Refusal("failed", "something went wrong inside openHAB; its log tells", retryable=True)
            status, answer = STATUSES[failed.code], encode_refusal(failed, time.time())
        return Answered(status=status, body=answer, signature=sign_answer(self._secret, nonce, status, answer))

    def _carry_out(self, call: str, body: bytes) -> bytes:
        match call:
            case "hello":
                return self._announcement().encode()
            case "events":
                return encode_answers(self._deliver_all(decode_events(body)))
            case _:
                raise Refusal("unknown_call", "there is no such call")

    def _deliver_all(self, events: Sequence[BridgeEvent]) -> list[EventAnswer]:
        """Carry out events; behind one whose thing is not ready, those of that thing wait, too: their order is kept."""
        waiting: set[str] = set()
        answers = []
        for event in events:
            is_behind = event.thing in waiting
            answer = EventAnswer(id=event.id, outcome="not_ready") if is_behind else self._deliver(event)
            if answer.outcome == "not_ready":
                waiting.add(event.thing)
            answers.append(answer)
        return answers
