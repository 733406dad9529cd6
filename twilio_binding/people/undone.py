"""Undo for groups: members get their earlier states, as far as openHAB accepts them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import structlog

from twilio_binding.errors import DependencyDownError
from twilio_binding.model.sentences.catalogue import Catalogue
from twilio_binding.model.sentences.items import ReachableItem
from twilio_binding.people.item_ports import ItemsOfOpenHAB
from twilio_binding.protocol.errors import TwilioBindingError

_log = structlog.get_logger(__name__)


def restored(items: ItemsOfOpenHAB, before: Mapping[str, str]) -> dict[str, str]:
    """Restore the states `before` of items; returns the items that did not get theirs. Raises if openHAB is down for the first."""
    left = dict(before)
    for name, state in before.items():
        try:
            items.carry_out(name, state, {}, 0)
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
