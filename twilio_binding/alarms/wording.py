"""The texts and announcements of a run, and the keys that people can press."""

from __future__ import annotations

import json
from collections.abc import Sequence

from twilio_binding.alarms.people import Addressee
from twilio_binding.model import alarm_calls
from twilio_binding.model.alarm_run import Run
from twilio_binding.model.alarm_sends import PREFIX
from twilio_binding.model.alarm_texts import AlarmTexts, texts_of
from twilio_binding.model.alarms import Alarm
from twilio_binding.model.sentence_ends import as_sentence
from twilio_binding.model.sentences.spoken_units import with_spoken_units

_TELLING = 30
"""Length of the beginning of a text, in characters, by which it is recognized."""
_LONGEST = 600
"""Maximum length of a message, so that the rest of the text fits."""


def text(run: Run, addressee: Addressee, open_runs: Sequence[Run]) -> str:
    """The text about a run, and how to acknowledge it; by its number if others are open, too."""
    what = _what(run, addressee.alarm, addressee.texts)
    return f"{as_sentence(what)} {how_to_reply(run, addressee, open_runs)}" if addressee.may_take else what


def is_quoted(run: Run, addressee: Addressee, said: Sequence[str]) -> bool:
    """Whether a text quotes the one about a run, perhaps shortened, as a reaction does that a phone sends as a text."""
    begin = _what(run, addressee.alarm, addressee.texts)[:_TELLING]
    return any(begin in text for text in said)


def how_to_reply(run: Run, addressee: Addressee, open_runs: Sequence[Run]) -> str:
    """How to acknowledge a run by text."""
    texts = addressee.texts
    is_only = run.number == 1 and all(other.id == run.id for other in open_runs)
    if addressee.needs_pin:
        return texts.reply_pin.format(reply="1" if is_only else f"1 {run.number}")
    return texts.reply if is_only else texts.reply_number.format(number=run.number)


def notification(run: Run, alarm: Alarm, language: str) -> str:
    """The text of a notification through openHAB Cloud, which rejects empty texts."""
    return _what(run, alarm, texts_of(language))


def marked(run: Run, texts: AlarmTexts, sentence: str) -> str:
    """A sentence about a run; that of a test says first that it is a test."""
    return f"{texts.test} {sentence}" if run.is_test else sentence


def listed(run: Run, alarm: Alarm, texts: AlarmTexts) -> str:
    """A run in a list of several: its number and label; that of a test says that it is a test."""
    named = f"{run.number} {alarm.label}"
    return f"{named} ({texts.test.rstrip('.')})" if run.is_test else named


def variables(run: Run, addressee: Addressee) -> str:
    """The variables of a WhatsApp template: label, message and number, without line breaks, never empty."""
    message = marked(run, addressee.texts, run.message[:_LONGEST])
    filled = (addressee.alarm.label, message or addressee.alarm.label, str(run.number))
    return json.dumps({str(place): " ".join(text.split()) or "-" for place, text in enumerate(filled, start=1)})


def call(run: Run, addressee: Addressee) -> str:
    """The message that a call says."""
    texts = addressee.texts
    message = with_spoken_units(run.message, texts.language)
    said = texts.call.format(label=_bare(addressee.alarm.label), message=message)
    return marked(run, texts, said).strip()


def document(run: Run, addressee: Addressee, gather_url: str | None, attempt: str, *first: str) -> str:
    """The TwiML of a call: `first`, then the message and the keys."""
    texts = addressee.texts
    return alarm_calls.menu(
        addressee.speaker,
        message=" ".join((*first, call(run, addressee))),
        keys=texts.keys if addressee.may_take else texts.keys_without_right,
        no_key=f"{texts.no_key} {texts.goodbye}",
        action=f"{gather_url}?menu={PREFIX}{attempt}" if gather_url else "",
    )


def late(run: Run, addressee: Addressee, *, duration: str) -> str:
    """The text that Twilio could not be reached, so a message is late."""
    texts = addressee.texts
    return marked(run, texts, texts.late.format(label=addressee.alarm.label, duration=duration))


def taken(run: Run, addressee: Addressee, *, name: str) -> str:
    """The text that somebody else has acknowledged."""
    texts = addressee.texts
    said = texts.taken.format(name=name, label=_bare(addressee.alarm.label))
    return marked(run, texts, said[:1].upper() + said[1:])


def taken_before(run: Run, addressee: Addressee, *, name: str) -> str:
    """The sentence at the end of a call that somebody else has acknowledged."""
    texts = addressee.texts
    return marked(run, texts, f"{texts.taken_before.format(name=name)} {texts.goodbye}")


def over(run: Run, addressee: Addressee) -> str:
    """The sentence at the end of a call that the alarm is over."""
    return marked(run, addressee.texts, f"{addressee.texts.is_over} {addressee.texts.goodbye}")


def recalled(run: Run, addressee: Addressee, *, text: str) -> str:
    """The all-clear."""
    return marked(run, addressee.texts, f"{addressee.alarm.label}: {text}")


def _bare(label: str) -> str:
    """A label for a sentence that has a full stop after it."""
    return label.rstrip(" .!:")


def _what(run: Run, alarm: Alarm, texts: AlarmTexts) -> str:
    """What has happened, in writing."""
    message = texts.alarm.format(label=alarm.label, message=run.message[:_LONGEST]).strip().rstrip(":")
    return marked(run, texts, message.strip())
