"""Builds the use cases about people: contacts, and texts and calls to and from them."""

from __future__ import annotations

from twilio_binding.app.surroundings import Surroundings
from twilio_binding.clock import local_now
from twilio_binding.people.build import PeopleParts, PeopleUseCases, build_people
from twilio_binding.store.asked_back import SqliteAskedBack
from twilio_binding.store.contacts import SqliteContactSends, SqliteQuestions
from twilio_binding.store.item_commands import SqliteItemCommands


def people_around(around: Surroundings) -> PeopleUseCases:
    """The use cases about people, not started yet, wired to the stores and openHAB."""
    stores = around.stores
    sends = SqliteContactSends(stores.database, clock=stores.timeline.now)
    questions = SqliteQuestions(stores.database, clock=stores.timeline.now)
    book = SqliteItemCommands(stores.database, clock=stores.timeline.now)
    asked_back = SqliteAskedBack(stores.database, clock=stores.timeline.now)
    stores.keep_tidy(sends, questions, book, asked_back)
    return build_people(
        PeopleParts(
            things=around.configuration.things,
            sends=sends,
            questions=questions,
            outgoing=around.sends,
            events=stores.journal,
            clock=stores.timeline.now,
            now=local_now,
            lifetime=around.lifetime,
            commands=book,
            asked_back=asked_back,
            language=lambda: around.openhab.locale.language,
        )
    )
