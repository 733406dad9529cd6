"""The TwiML of an alarm's calls."""

from __future__ import annotations

from dataclasses import dataclass
from xml.sax.saxutils import escape, quoteattr

from twilio_binding.model.sentence_ends import as_sentence

_LONGEST_MESSAGE = 600
"""Maximum characters of what one verb says, as XML; the whole TwiML of a new call may have 4000."""
_NOT_SPOKEN = str.maketrans(dict.fromkeys((*range(32), 0x7F, 0xFFFE, 0xFFFF), " "))


@dataclass(frozen=True, slots=True, kw_only=True)
class Speaker:
    """Language and voice of a call: a language tag of Twilio, and a voice, "" for Twilio's default."""

    language: str
    voice: str = ""

    def say(self, *sentences: str) -> str:
        """The non-empty sentences, as one verb."""
        text = " ".join(sentence.strip() for sentence in sentences if sentence.strip())
        voice = f" voice={quoteattr(self.voice)}" if self.voice else ""
        return f"<Say language={quoteattr(self.language)}{voice}>{escape(spoken(text))}</Say>"


def spoken(text: str, longest: int = _LONGEST_MESSAGE) -> str:
    """A text that XML can contain, no longer than people listen."""
    plain = "".join(one for one in text.translate(_NOT_SPOKEN) if not "\ud800" <= one <= "\udfff")[:longest]
    while len(escape(plain)) > longest:
        plain = plain[:-1]
    return plain


def menu(speaker: Speaker, *, message: str, keys: str, no_key: str, action: str) -> str:
    """The message twice, in a Gather that accepts keys from the first word on and sends them to `action`.

    Without an action, because no public URL is known, the message is said three times.
    """
    if not action:
        again = f'<Pause length="1"/>{speaker.say(message)}'
        return f"<Response>{speaker.say(message)}{again * 2}</Response>"
    message = spoken(message, _LONGEST_MESSAGE - len(keys) - len(". "))  # the keys are always heard
    said = speaker.say(as_sentence(message), keys)
    gather = f'<Gather input="dtmf" numDigits="1" timeout="8" action={quoteattr(action)} method="POST">'
    return f'<Response>{gather}{said}<Pause length="2"/>{said}</Gather>{speaker.say(no_key)}</Response>'


def ask_pin(speaker: Speaker, *, question: str, no_key: str, action: str) -> str:
    """TwiML that asks for digits, ended by the hash key."""
    gather = f'<Gather input="dtmf" finishOnKey="#" timeout="10" action={quoteattr(action)} method="POST">'
    return f"<Response>{gather}{speaker.say(question)}</Gather>{speaker.say(no_key)}</Response>"


def closing(speaker: Speaker, *sentences: str) -> str:
    """TwiML that says something, and hangs up."""
    return f"<Response>{speaker.say(*sentences)}<Hangup/></Response>"
