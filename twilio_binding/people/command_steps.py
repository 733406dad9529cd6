"""Commands by text: what is asked before them, and what happens if openHAB does not answer."""

from __future__ import annotations

from dataclasses import replace

from twilio_binding.errors import DependencyDownError
from twilio_binding.model.sentences.reading import Doubt, ItemCommand
from twilio_binding.model.sentences.states import value_shown
from twilio_binding.people.asked_back import AskedBack, choice_of
from twilio_binding.people.call_back import CallBack
from twilio_binding.people.command_checks import CommandChecks, may_still
from twilio_binding.people.item_ports import Asked, CommandResult
from twilio_binding.people.item_use import ItemUse, ItemUser
from twilio_binding.people.pin_guard import locked
from twilio_binding.people.when_back import WhenBack


class CommandSteps:
    """Carries out commands of contacts; every method returns the reply."""

    def __init__(
        self, use: ItemUse, checks: CommandChecks, back: WhenBack, asked: AskedBack, call_back: CallBack
    ) -> None:
        self._use = use
        self._checks = checks
        self._back = back
        self._asked = asked
        self._call_back = call_back

    def command(self, user: ItemUser, command: ItemCommand) -> str:
        """Check rights, PIN and confirmation, then carry out the command."""
        texts, item = user.texts, command.item
        asked = Asked(kind="pin", choices=(choice_of(command),))
        match self._checks.obstacle(user, item, command.value, command.pin or None):
            case None:
                return self.confirmed(user, command)
            case "no_right":
                return texts.phrase("You may only read states, not send commands.")
            case "no_commands":
                return texts.phrase("{name} accepts no commands.", name=item.label)
            case "call_back":
                self._call_back(user, item, command.value)
                phrase = "{name} can only be switched after a call back. I am calling you now."
                return texts.phrase(phrase, name=item.label)
            case "no_pin":
                return texts.phrase("This needs a PIN, and no PIN is set for you.")
            case "locked":
                return locked(texts)
            case "pin":
                return self._ask(user, asked, texts.phrase("Your PIN is needed. Reply with your PIN."))
            case "wrong_pin":
                return self._ask(user, asked, texts.phrase("The PIN is wrong."))
            case "confirmation":
                value = value_shown(item, command.value, texts)
                question = texts.phrase("{name}: {value}? Reply YES.", name=item.label, value=value)
                return self._ask(user, replace(asked, kind="confirm"), question)

    def confirmed(self, user: ItemUser, command: ItemCommand) -> str:
        """Carry out a confirmed command; the item may have changed since then."""
        current = self._use.reachable(user.contact).by_name.get(command.item.name)
        if current is None or not may_still(user, current):
            self._use.note(user, command.item, command.value, "no_right")
            return user.texts.phrase("{name} accepts no commands.", name=command.item.label)
        try:
            return self._use.command(user, current, command.value)
        except DependencyDownError:
            return self.down(user, command)

    def down(self, user: ItemUser, command: ItemCommand | None) -> str:
        """Handle that openHAB does not answer: the contact is notified when it does."""
        number = self._back.note(user, command.item if command else None, command.value if command else "")
        if command is None:
            return user.texts.phrase("Your home is not responding. I will tell you when it is back.")
        phrase = "Your home is not responding. I will tell you when it is back. To have it done then, reply LATER."
        return self._ask(user, Asked(kind="late", wait=number), user.texts.phrase(phrase))

    def later(self, user: ItemUser, number: int) -> str:
        """Carry out a command when openHAB is back."""
        self._back.carry_out_later(number)
        return user.texts.phrase("It will be done when your home is back.")

    def ask_which(self, user: ItemUser, doubt: Doubt) -> None:
        """Note the question which of several meanings somebody meant."""
        asked = Asked(kind="choice", choices=tuple(map(choice_of, doubt.choices)))
        self._asked.ask(user.contact, asked)
        self._note(user, asked, "asked_which")

    def declined(self, user: ItemUser, asked: Asked) -> str:
        """Handle the answer NO to a question."""
        self._note(user, asked, "declined")
        return user.texts.phrase("Nothing was done.")

    def _note(self, user: ItemUser, asked: Asked, result: CommandResult) -> None:
        """Record what became of a question about a command; without the item if there are several."""
        if all(choice.value is None for choice in asked.choices):
            return
        only = asked.choices[0] if len(asked.choices) == 1 else None
        try:
            item = self._use.reachable(user.contact).by_name.get(only.item) if only else None
        except DependencyDownError:
            item = None
        self._use.note(user, item, (only.value or "") if only and item else "", result)

    def _ask(self, user: ItemUser, asked: Asked, question: str) -> str:
        self._asked.ask(user.contact, asked)
        return question
