"""Wires sends."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from twilio_binding.metrics import Metrics
from twilio_binding.model.limits import Limits
from twilio_binding.model.things import ThingsSource
from twilio_binding.outgoing.dispatch import Dispatch
from twilio_binding.outgoing.look_ups import PAUSES
from twilio_binding.outgoing.permission import Ceilings, OptOuts, Permission
from twilio_binding.outgoing.ports import Gateway, OptOutBook, Outbox, Withdrawn
from twilio_binding.outgoing.sending import RETRIES, Sender


@dataclass(frozen=True, slots=True, kw_only=True)
class SendStores:
    """The stores of sending, and the clock of the limits, in seconds."""

    outbox: Outbox
    opt_outs: OptOutBook
    clock: Callable[[], float]
    is_withdrawn: Withdrawn = lambda _: False


@dataclass(frozen=True, slots=True, kw_only=True)
class Pace:
    """Threads for each kind of send, and pauses in seconds: after a refusal, and before each look-up."""

    places: int = 8
    retries: Sequence[float] = RETRIES
    look_ups: Sequence[float] = PAUSES


@dataclass(frozen=True, slots=True, kw_only=True)
class OutgoingUseCases:
    """Sends, opt-outs, and withdrawn sends."""

    sends: Dispatch
    opt_outs: OptOuts
    withdraw: Callable[[str, int | None], None]


_NORMAL = Pace()


def build_outgoing(
    things: ThingsSource,
    gateway: Gateway,
    stores: SendStores,
    *,
    limits: Limits,
    metrics: Metrics,
    pace: Pace = _NORMAL,
) -> OutgoingUseCases:
    """Sends to Twilio through `gateway`, not started yet."""
    opt_outs = OptOuts(stores.opt_outs, clock=stores.clock)
    ceilings = Ceilings(stores.outbox, limits, clock=stores.clock)
    permission = Permission(opt_outs=opt_outs, ceilings=ceilings, metrics=metrics, is_withdrawn=stores.is_withdrawn)
    sender = Sender(
        things=things,
        outbox=stores.outbox,
        gateway=gateway,
        permission=permission,
        look_ups=pace.look_ups,
        retries=pace.retries,
    )
    sends = Dispatch(things, stores.outbox, sender, places=pace.places)
    return OutgoingUseCases(sends=sends, opt_outs=opt_outs, withdraw=permission.withdraw)
