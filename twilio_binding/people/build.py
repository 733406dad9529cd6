"""Wires contacts and the commands to channels."""

from __future__ import annotations

from dataclasses import dataclass

from twilio_binding.model.things import ThingsSource
from twilio_binding.people.commands import Commands
from twilio_binding.people.contacts import Contacts


@dataclass(frozen=True, slots=True, kw_only=True)
class PeopleUseCases:
    """Who the contacts are, and the commands to channels."""

    contacts: Contacts
    commands: Commands


def build_people(things: ThingsSource) -> PeopleUseCases:
    """The use cases about people, not started yet."""
    return PeopleUseCases(contacts=Contacts(things), commands=Commands(things))
