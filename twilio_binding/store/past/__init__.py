"""What people read of journal, outbox and counts, and what they decide about events.

Nothing that a delivery or a send waits for belongs here: it is imported when somebody opens the console.
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
