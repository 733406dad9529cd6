"""What an alarm writes and says, in the languages that it knows."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class AlarmTexts:
    """The texts of one language; names in braces are filled in. `spoken` is the language as Twilio's voices know it."""

    spoken: str
    yes: frozenset[str]
    all: frozenset[str]
    test: str = "TEST. "
    alarm: str
    reply: str
    reply_number: str
    reply_pin: str
    call: str
    keys: str
    keys_without_right: str
    ask_pin: str
    wrong_pin: str
    not_understood: str
    goodbye: str
    no_key: str
    you_took: str
    taken: str
    taken_before: str
    passed: str
    is_over: str
    no_right: str
    need_pin: str
    which: str
    late: str


_ENGLISH = AlarmTexts(
    spoken="en-US",
    yes=frozenset({"ok", "okay", "yes", "y", "ack", "acknowledge", "acknowledged", "take", "got", "mine"}),
    all=frozenset({"all", "both"}),
    test="This is a test. ",
    alarm="Alarm {label}: {message}",
    reply="Reply 1 or OK to take it.",
    reply_number="Reply 1 {number} to take it.",
    reply_pin="Reply {reply} and your PIN to take it.",
    call="This is your home. Alarm {label}. {message}",
    keys="Press 1 to acknowledge, 2 to pass it on, 3 to hear it again.",
    keys_without_right="Press 2 to pass it on, 3 to hear it again.",
    ask_pin="Enter your PIN, then press the hash key.",
    wrong_pin="This PIN is wrong.",
    not_understood="I did not understand that.",
    goodbye="Goodbye.",
    no_key="No key was pressed.",
    you_took="You have taken it. Thank you.",
    taken="{name} has taken it: {label}.",
    taken_before="{name} has taken it.",
    passed="It is passed on.",
    is_over="The alarm is over.",
    no_right="You may not acknowledge alarms. Another person must do that.",
    need_pin="Your PIN is needed or was wrong: reply {reply} and your PIN.",
    which="Several alarms are open: {list}. Reply {example} for the first of them, or 1 ALL.",
    late="Alarm {label}: Twilio could not be reached for {duration}, so this came late.",
)
_GERMAN = AlarmTexts(
    spoken="de-DE",
    yes=frozenset({"ok", "okay", "ja", "j", "quittieren", "quittiert", "übernehme", "übernommen", "verstanden"}),
    all=frozenset({"alle", "beide", "all"}),
    test="Das ist ein Test. ",
    alarm="Alarm {label}: {message}",
    reply="Mit 1 oder OK antworten, um ihn zu übernehmen.",
    reply_number="Mit 1 {number} antworten, um ihn zu übernehmen.",
    reply_pin="Mit {reply} und Ihrer PIN antworten, um ihn zu übernehmen.",
    call="Hier ist Ihr Zuhause. Alarm {label}. {message}",
    keys="Drücken Sie 1, um ihn zu übernehmen, 2, um ihn weiterzugeben, 3, um ihn noch einmal zu hören.",
    keys_without_right="Drücken Sie 2, um ihn weiterzugeben, 3, um ihn noch einmal zu hören.",
    ask_pin="Geben Sie Ihre PIN ein, dann die Rautetaste.",
    wrong_pin="Diese PIN ist falsch.",
    not_understood="Das habe ich nicht verstanden.",
    goodbye="Auf Wiederhören.",
    no_key="Es wurde keine Taste gedrückt.",
    you_took="Sie haben ihn übernommen. Danke.",
    taken="{name} hat ihn übernommen: {label}.",
    taken_before="{name} hat ihn übernommen.",
    passed="Er wird weitergegeben.",
    is_over="Der Alarm ist vorbei.",
    no_right="Sie dürfen keine Alarme übernehmen. Das muss jemand anders tun.",
    need_pin="Ihre PIN fehlt oder war falsch: mit {reply} und Ihrer PIN antworten.",
    which="Mehrere Alarme sind offen: {list}. Mit {example} für den ersten antworten, oder mit 1 ALLE.",
    late="Alarm {label}: Twilio war {duration} lang nicht erreichbar, deshalb kam das spät.",
)
_KNOWN = {"en": _ENGLISH, "de": _GERMAN}
LANGUAGES = tuple(_KNOWN)


def texts_of(*languages: str) -> AlarmTexts:
    """The texts of the first language that is known, such as `de` or `de-AT`; those in English else."""
    primaries = (language.lower().replace("_", "-").partition("-")[0] for language in languages)
    return next((_KNOWN[primary] for primary in primaries if primary in _KNOWN), _ENGLISH)
