"""Undo for groups: members get their earlier states, as far as openHAB accepts them."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from functools import partial

import structlog

from twilio_binding.errors import DependencyDownError
from twilio_binding.model.sentences.catalogue import Catalogue
from twilio_binding.model.sentences.items import ReachableItem
from twilio_binding.model.sentences.states import has_effect
from twilio_binding.people.item_ports import ItemsOfOpenHAB
from twilio_binding.protocol.errors import TwilioBindingError

_log = structlog.get_logger(__name__)


def restored(
    items: ItemsOfOpenHAB, before: Mapping[str, str], kinds: Mapping[str, str], seconds: float
) -> dict[str, str]:
    """Restore the states `before` of items of these types, and wait for them, in all at most so long.

    Returns the items that did not accept theirs. Raises if openHAB is down for the first.
    """
    left, until = dict(before), time.monotonic() + seconds
    for name, state in before.items():
        try:
            effect = {name: partial(has_effect, kinds.get(name, "").partition(":")[0], state, "")}
            items.carry_out(name, state, effect, until - time.monotonic())
        except DependencyDownError:
            if len(left) == len(before):
                raise
            break
        except TwilioBindingError as error:
            _log.warning("items.refused", item=name, reason=str(error))
        else:
            del left[name]
    return left


def partly_told(
    texts: Catalogue,
    group: ReachableItem,
    before: Mapping[str, str],
    left: Mapping[str, str],
    known: Mapping[str, ReachableItem],
) -> str:
    """What was undone and what was not, as a reply; items that nobody may use on their own are only counted."""
    done = [name for name in before if name not in left]
    if not done:
        return texts.phrase("{name} does not accept that.", name=group.label)
    phrase = "Undone: {done}. Not undone: {left}."
    return texts.phrase(phrase, done=_named(texts, done, known), left=_named(texts, list(left), known))


def _named(texts: Catalogue, names: Sequence[str], known: Mapping[str, ReachableItem]) -> str:
    labels = [known[name].label for name in names if name in known]
    if hidden := len(names) - len(labels):
        labels.append(texts.phrase("{count} more", count=hidden))
    return ", ".join(labels)
