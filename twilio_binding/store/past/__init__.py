"""Reads journal, outbox and counts for people, and stores their decisions about events.

Deliveries and sends need nothing from here: the package is imported when somebody opens the console.
"""

from twilio_binding.store.past.events import SqlitePastEvents
from twilio_binding.store.past.figures import SqliteTallies
from twilio_binding.store.past.interventions import SqliteInterventions
from twilio_binding.store.past.peers import SqlitePeers
from twilio_binding.store.past.sends import SqlitePastSends
from twilio_binding.store.past.undone import SqliteUndone

__all__ = [
    "SqliteInterventions",
    "SqlitePastEvents",
    "SqlitePastSends",
    "SqlitePeers",
    "SqliteTallies",
    "SqliteUndone",
]
