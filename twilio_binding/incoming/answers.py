"""Answers of rules to held calls: `respondWithTwiml`."""

from __future__ import annotations

import time

import structlog

from twilio_binding.incoming.held_calls import HeldCalls
from twilio_binding.incoming.ports import Listeners
from twilio_binding.metrics import Metrics
from twilio_binding.model import actions, twiml
from twilio_binding.model.things import ThingsSource
from twilio_binding.protocol.errors import Refusal
from twilio_binding.protocol.replies import Reply
from twilio_binding.protocol.requests import Request

_log = structlog.get_logger(__name__)

RESPOND = "respondWithTwiml"
_VERDICTS = {
    "too_late": "the caller has been answered already; the rule took longer than responseTimeout",
    "unknown_call": "no request of this call is waiting for an answer, or was recently",
}


class CallAnswers:
    """Passes the TwiML of rules to waiting callers."""

    def __init__(self, things: ThingsSource, held: HeldCalls, listeners: Listeners, metrics: Metrics) -> None:
        self._things = things
        self._held = held
        self._listeners = listeners
        self._metrics = metrics

    def carry_out(self, request: Request) -> Reply:
        """The reply to a request; raises `Refusal` if no caller gets the TwiML."""
        things = self._things.current()
        phone = things.phone(request.thing)
        gather_url = phone.callback_url(things.account_of(phone).entry_url, "gather")
        action = actions.read(request.action, request.args)
        if not isinstance(action, actions.Respond):
            raise Refusal("unknown_action", "this action answers no call")
        try:
            # Placeholders are filled in here, so that the rule can still be told that the TwiML grows too large.
            document = twiml.check_filled(twiml.check(action.twiml), gather_url)
        except twiml.TwimlError as error:
            self._metrics.responses.labels(error.code).inc()
            raise
        thing = str(phone.uid)
        verdict = self._held.answer(thing=thing, call_sid=action.call_sid, twiml=document, request_id=request.id)
        time.sleep(0)  # the caller's thread, which can go on now, answers first; then the rule hears of it
        self._metrics.responses.labels(verdict).inc()
        if verdict != "answered":
            self._listeners.came_late(thing, action.call_sid)
            _log.warning("answer.lost", thing=thing, call_sid=action.call_sid, verdict=verdict)
            raise Refusal(verdict, _VERDICTS[verdict])
        return Reply(id=request.id, ok=True, result={"callSid": action.call_sid, "status": verdict})
