"""Keeps the last good configuration of things that cannot be used now."""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from twilio_binding.model.configuration.loader import load_things
from twilio_binding.model.configuration.nodes import ThingNode
from twilio_binding.model.configuration.problem import Problem
from twilio_binding.model.things import Things
from twilio_binding.protocol.thing_types import THING_TYPES, type_of

Good = Mapping[str, ThingNode]
"""By UID, the node from which a thing was last made."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Loaded:
    """The things in use, their nodes, and all problems."""

    things: Things = field(default_factory=Things)
    good: Good = field(default_factory=dict)
    problems: Sequence[Problem] = ()


def load_or_keep(nodes: Iterable[ThingNode], before: Good) -> Loaded:
    """The things of `nodes`; a thing in a file that cannot be used as written stays as it was in `before`.

    While a file has an error, none of its earlier things are removed, because the error may hide them. Things of
    openHAB itself are taken as openHAB has them.
    """
    nodes = list(nodes)
    things, problems = load_things(nodes)
    written = _Written(things, problems)
    kept: dict[str, ThingNode] = {}
    # Accounts first: with its account, a phone may be usable as written, and with its phone, a contact.
    for thing_type in THING_TYPES:
        usable = things.usable
        hidden = {uid: node for uid, node in before.items() if uid not in usable and written.error_about(uid, node)}
        more = {uid: node for uid, node in hidden.items() if type_of(uid) is thing_type}
        kept |= more
        things, problems = load_things(_with(nodes, kept)) if more else (things, problems)
    usable = things.usable
    causes = {uid: error for uid, node in kept.items() if uid in usable and (error := written.error_about(uid, node))}
    problems += [error for error in dict.fromkeys(causes.values()) if error not in problems]
    # Of two nodes with the same UID, the first counts.
    used = {node.uid: node for node in reversed(_with(nodes, kept)) if node.uid in usable}
    outdated = {uid: node.outdated for uid, node in used.items() if node.outdated}
    outdated |= {uid: f"{error}; the last good configuration stays in use" for uid, error in causes.items()}
    return Loaded(
        things=replace(things, kept=outdated),
        good={uid: replace(node, outdated="") for uid, node in used.items()},
        problems=problems,
    )


class _Written:
    """The problems of the nodes as written now."""

    def __init__(self, things: Things, problems: Iterable[Problem]) -> None:
        self._errors = [problem for problem in problems if problem.severity == "error"]
        self._orphans = {thing.uid: thing.bridge for thing in things.broken}

    def error_about(self, uid: str, node: ThingNode) -> Problem | None:
        """The error that makes an earlier thing unusable now; None if the thing was removed."""
        if not node.place.line:
            return None
        own = (error for error in self._errors if error.thing == uid and error.place.line)
        of_its_phones = (error for error in self._errors if self._orphans.get(error.thing) == uid)
        beside = (error for error in self._errors if error.place.source == node.place.source)
        return next(itertools.chain(own, of_its_phones, beside), None)


def _with(nodes: Sequence[ThingNode], kept: Good) -> list[ThingNode]:
    """The nodes, with each kept one in its place, or at the end."""
    written = {node.uid for node in nodes}
    placed = [kept.get(node.uid, node) for node in nodes]
    return [*placed, *(node for uid, node in kept.items() if uid not in written)]
