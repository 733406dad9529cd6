"""The points in the code of alarms at which the service is killed: between any two actions of a step."""

from __future__ import annotations

_FUNCTIONS = {
    "a commit": ("store.database", "Database._commit"),
    "records are appended": ("store.alarms", "SqliteAlarmLog.append"),
    "an outcome is appended": ("store.alarms", "SqliteAlarmLog.append_soon"),
    "a run begins": ("alarms.runs", "Runs.begin"),
    "something is noted": ("alarms.runs", "Runs.note"),
    "steps are noted": ("alarms.runs", "Runs.note_all"),
    "a step is carried out": ("alarms.course", "Course._carry_out"),
    "somebody is told": ("alarms.telling", "Telling.tell"),
    "a send is settled": ("alarms.telling", "Telling._settled"),
    "a request is stored": ("store.outbox", "SqliteOutbox.enter"),
    "Twilio is about to be asked": ("store.outbox", "SqliteOutbox.ask"),
    "Twilio is asked": ("twilio_api.gateway", "TwilioGateway.send"),
    "Twilio is searched": ("twilio_api.gateway", "TwilioGateway.find"),
    "the outcome is noted": ("store.outbox", "SqliteOutbox.settled"),
    "a key is answered": ("alarms.keys", "AlarmKeys.answer"),
    "a reply is answered": ("alarms.replies", "AlarmReplies.answer"),
    "somebody takes it": ("alarms.course", "Course.acknowledge"),
    "others are told of that": ("alarms.aftermath", "Aftermath.taken"),
    "a call is hung up": ("twilio_api.gateway", "TwilioGateway.hang_up"),
    "alarms are taken up": ("alarms.course", "Course.take_up"),
}
POINTS: dict[str, tuple[str, str, str]] = {
    f"{when} {what}": (*where, when) for what, where in _FUNCTIONS.items() for when in ("before", "after")
}
"""Module, function, and whether before or after it."""
