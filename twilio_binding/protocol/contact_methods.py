"""The actions of contacts and alarms as methods, for Python programs and for rules inside openHAB."""

from __future__ import annotations

from collections.abc import Sequence

from .action_methods import ThingMethods
from .alarm import ACKNOWLEDGE, END, START
from .contact import ASK, CALL, SEND
from .results import Result


class ContactMethods(ThingMethods):
    """The actions of a contact. Each returns a `Result`, which is true if it succeeded."""

    __slots__ = ()

    def send(self, text: str | None, mediaUrl: str | None = None) -> Result:
        """Send a text, a picture, or both."""
        return self._call(SEND, {"text": text, "mediaUrl": mediaUrl})

    def call(self, text: str) -> Result:
        """Call, and say a text."""
        return self._call(CALL, {"text": text})

    def ask(self, question: str, answers: str | Sequence[str], minutes: int) -> Result:
        """Ask a question; answer-received fires with the answer, or with the last of `answers` after so many minutes."""
        given = answers if isinstance(answers, str) else ",".join(answers)
        return self._call(ASK, {"question": question, "answers": given, "minutes": str(minutes)})


class AlarmMethods(ThingMethods):
    """The actions of an alarm."""

    __slots__ = ()

    def startAlarm(self, message: str | None = None) -> Result:
        """Start the alarm, with a message if one is given."""
        return self._call(START, {"message": message})

    def acknowledgeAlarm(self, by: str) -> Result:
        """Acknowledge the alarm, so that nobody else is notified."""
        return self._call(ACKNOWLEDGE, {"by": by})

    def endAlarm(self) -> Result:
        """End the alarm."""
        return self._call(END, {})
