"""Sends stored requests: to each recipient once, and never again while the outcome is unknown."""

from __future__ import annotations

import threading
import time
from collections.abc import Mapping, Sequence

import structlog

from twilio_binding.clock import Backoff
from twilio_binding.errors import OutcomeUnknownError, TwilioError
from twilio_binding.model import actions, segments
from twilio_binding.model.alarm_sends import attempt_of
from twilio_binding.model.things import ThingsSource
from twilio_binding.outgoing.look_ups import PAUSES, LookUp, StoppingError
from twilio_binding.outgoing.permission import Permission
from twilio_binding.outgoing.ports import Gateway, Outbox, Part, Sent, Stored
from twilio_binding.outgoing.send_part import SendPart
from twilio_binding.protocol.errors import Refusal
from twilio_binding.protocol.replies import Reply
from twilio_binding.protocol.requests import Request
from twilio_binding.workers import Turns, aside

_log = structlog.get_logger(__name__)

RETRIES = (0.5, 1.0, 2.0, 4.0, 8.0, 10.0)
"""Seconds before the retries of a send that Twilio certainly did not accept; the last one repeats."""
_UNKNOWN = "unknown"
"""The code of a send that may have been sent."""
_NO_TRACE = "Twilio did not answer, and has no record of the message or call; it was probably not sent"


class Sender:
    """Carries out stored sends, one thread for each request. `look_ups` and `retries` are in seconds.

    A worker that waits for long does so in `aside()`, so that others can work meanwhile.
    """

    def __init__(
        self,
        *,
        things: ThingsSource,
        outbox: Outbox,
        gateway: Gateway,
        permission: Permission,
        look_ups: Sequence[float] = PAUSES,
        retries: Sequence[float] = RETRIES,
    ) -> None:
        self._things = things
        self._outbox = outbox
        self._gateway = gateway
        self._permission = permission
        self._retries = retries
        self._twins = Turns()
        self._stopping = threading.Event()
        self._look = LookUp(outbox, gateway, stopping=self._stopping, pauses=look_ups)

    def stop(self) -> None:
        """Start nothing new, and end all waits; unfinished requests stay in the outbox."""
        self._stopping.set()

    def send(self, stored: Stored, action: actions.Send | None = None) -> Reply | None:
        """Carry out a request for all its recipients; returns None if the process stops first.

        `action` is the action of the request; that of an earlier process's request is read again.
        """
        request = stored.request
        try:
            action = action or actions.read_send(request.action, request.args)
            reply = self._send(stored, action)
        except Refusal as refusal:
            reply = Reply.refused(request.id, refusal)
            self._outbox.closed(request.id, reply)
        except StoppingError:
            return None
        _log.info(
            "action.done",
            thing=request.thing,
            action=request.action,
            request_id=request.id,
            ok=reply.ok,
            code=reply.code or None,
        )
        return reply

    def must_go_on(self, request_id: str) -> bool:
        """Whether a request belongs to an alarm that continues, as far as known: such a request is never given up."""
        if attempt_of(request_id) is None:
            return False
        try:
            return not self._permission.is_withdrawn(request_id)
        except Exception:  # alarms could not be started; they are retried, and so is this
            _log.exception("send.not_given_up", request_id=request_id)
            return True

    def give_up(self, stored: Stored, why: str) -> Reply:
        """End a request that cannot be carried out for an internal reason, and store that.

        The result names each recipient: what was sent, and what may have been sent because Twilio was asked.
        """
        request = stored.request
        outcomes = {part.number: part.outcome or _abandoned(request.id, part, why) for part in stored.parts}
        reply = _reply(request, None, stored.parts, outcomes)
        self._outbox.closed(request.id, reply)
        _log.error(
            "send.given_up",
            thing=request.thing,
            action=request.action,
            request_id=request.id,
            code=reply.code or None,
            reason=why,
        )
        return reply

    def _send(self, stored: Stored, action: actions.Send) -> Reply:
        request, started, things = stored.request, time.time(), self._things.current()
        phone = things.phone(request.thing)
        account = things.account_of(phone)
        outcomes = {part.number: part.outcome for part in stored.parts if part.outcome is not None}
        reply = None
        for part in (part for part in stored.parts if part.outcome is None):
            one = SendPart.of(request, part, action, account, phone, started=started)
            # One at a time if they look alike at Twilio; otherwise a look-up could find a twin in progress.
            with self._twins.of(one.twin):
                outcomes[part.number] = outcome = self._outcome(one)
                is_last = len(outcomes) == len(stored.parts)
                reply = _reply(request, action, stored.parts, outcomes) if is_last else None
                counts = isinstance(outcome, Sent) or outcome.code == _UNKNOWN
                self._outbox.settled(one.booking, outcome, counts=counts, reply=reply)
        if reply is None:  # an earlier version had settled all of them, but not closed the request yet
            reply = _reply(request, action, stored.parts, outcomes)
            self._outbox.closed(request.id, reply)
        return reply

    def _outcome(self, part: SendPart) -> Sent | Reply:
        try:
            found = self._look_up(part, part.part.asked, part.part.looks) if part.part.asked else None
            outcome = found or self._ask(part)
        except Refusal as refusal:
            return Reply.refused(part.request.id, refusal)
        if isinstance(outcome, Sent):
            self._permission.taken(part.booking)
        return outcome

    def _ask(self, part: SendPart) -> Sent | Reply:
        """Ask Twilio until it accepts or refuses the send, or the deadline passes; raises `Refusal`."""
        if time.time() > part.give_up:
            raise Refusal("expired", "the deadline passed before Twilio could be asked")
        backoff = None
        while not self._stopping.is_set():
            filled = part.filled()
            asked = self._gateway.now()
            self._permission.ask(part.sender, part.booking, is_call=part.is_call, asked=asked)
            try:
                return self._gateway.send(part.account, part.phone, filled, part.part.to, callback=part.callback)
            except TwilioError as error:
                may_pass = _may_pass(part, error)
                if part.has_template and not may_pass:
                    _log.error("send.template_refused", thing=part.request.thing, code=error.code, reason=str(error))
                    part = part.plain
                    continue
                backoff = backoff or _backoff(part, error, self._retries)
                pause = backoff.failed()
                if not may_pass or time.time() + pause > part.give_up:
                    self._permission.refused(part.sender, part.part.to, error)
                    raise Refusal(error.code, str(error), retryable=error.retryable) from None
                with aside():  # another account may work
                    self._stopping.wait(pause)
                part = part.renewed(self._things.current())
            except OutcomeUnknownError:
                found = self._look_up(part, asked)
                if found is None and part.action.alarm:
                    continue  # Twilio has no record of it, so it is sent again
                if found is None:
                    raise Refusal(_UNKNOWN, _NO_TRACE, retryable=True) from None
                return found
        raise StoppingError

    def _look_up(self, part: SendPart, asked: float, looks: int = 0) -> Sent | Reply | None:
        """Twilio's record of a send with an unknown outcome; None if there is none, a reply if Twilio cannot tell."""
        with aside():
            return self._look.find(part, asked=asked, looks=looks)


def _may_pass(part: SendPart, error: TwilioError) -> bool:
    """Whether a retry after a refusal makes sense: for an alarm, also if somebody must fix the account first."""
    return error.retryable or (part.action.alarm and error.concerns_account)


def _backoff(part: SendPart, error: TwilioError, pauses: Sequence[float]) -> Backoff:
    """The pauses between tries; for an alarm that only a person can help, this is logged once."""
    if error.retryable or not _may_pass(part, error):
        return Backoff(*pauses)
    _log.error(
        "send.refused_for_now", thing=part.request.thing, request_id=part.request.id, code=error.code, reason=str(error)
    )
    return Backoff(*pauses, 4 * pauses[-1])


def _abandoned(request_id: str, part: Part, why: str) -> Reply:
    """The result of a recipient when the request is given up."""
    rest = f"{why}, and the service does not try again; see its log"
    if part.asked:
        return Reply.refused(request_id, Refusal(_UNKNOWN, f"Twilio was asked, so it may have been sent: {rest}"))
    return Reply.refused(request_id, Refusal("internal", f"it was not sent: {rest}"))


def _reply(
    request: Request, action: actions.Send | None, parts: Sequence[Part], settled: Mapping[int, Sent | Reply]
) -> Reply:
    """The reply to a finished request, with the outcome for each recipient; `action` is None if it could not be read."""
    outcomes = [settled[part.number] for part in parts]
    request_id = request.id
    if not isinstance(request.args.get("to"), list):
        only = outcomes[0]
        return Reply(id=request_id, ok=True, result=_result(only, action)) if isinstance(only, Sent) else only
    failed = [outcome for outcome in outcomes if isinstance(outcome, Reply)]
    results: list[object] = [
        {"to": part.to} | (_result(outcome, action) if isinstance(outcome, Sent) else {"error": outcome.error})
        for part, outcome in zip(parts, outcomes, strict=True)
    ]
    if not failed:
        return Reply(id=request_id, ok=True, result={"results": results})
    code = "partly_failed" if len(failed) < len(outcomes) else failed[0].code
    message = f"{len(failed)} of {len(outcomes)} recipients: {failed[0].message}"
    return Reply(id=request_id, ok=False, result={"results": results}, code=code, message=message)


def _result(sent: Sent, action: actions.Send | None) -> dict[str, object]:
    result: dict[str, object] = {"sid": sent.sid, "status": sent.status}
    if isinstance(action, actions.SendMessage) and not action.whatsapp and not action.media:
        length = segments.measure(action.body)
        result |= {"segments": length.segments, "encoding": length.encoding, "units": length.units}
    if sent.segments:
        result["segments"] = sent.segments
    return result
