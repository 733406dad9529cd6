"""Checks before a command: right, PIN, confirmation; and what happens if openHAB does not answer."""

from __future__ import annotations

from twilio_binding.errors import DependencyDownError
from twilio_binding.model.sentences.reading import ItemCommand
from twilio_binding.model.sentences.states import value_shown
from twilio_binding.people.asked_back import AskedBack, choice_of
from twilio_binding.people.call_back import CallBack
from twilio_binding.people.item_ports import Asked
from twilio_binding.people.item_use import ItemUse, ItemUser
from twilio_binding.people.pin_guard import PinGuard, locked
from twilio_binding.people.when_back import WhenBack


class CommandSteps:
    """Carries out commands of contacts; every method returns the reply."""

    def __init__(self, use: ItemUse, pins: PinGuard, back: WhenBack, asked: AskedBack, call_back: CallBack) -> None:
        self._use = use
        self._pins = pins
        self._back = back
        self._asked = asked
        self._call_back = call_back

    def undo(self, user: ItemUser) -> str:
        """Undo the last command of a contact, unless the item is guarded: undoing could open a door."""
        item = self._use.can_undo(user.contact)
        if item is not None and item.is_guarded:
            return user.texts.phrase("There is nothing to undo.")
        if not user.contact.may("command"):
            return user.texts.phrase("You may only read states, not send commands.")
        return self._use.undo(user)

    def command(self, user: ItemUser, command: ItemCommand) -> str:
        """Check rights, PIN and confirmation, then carry out the command."""
        texts, item = user.texts, command.item
        if not user.contact.may("command"):
            self._use.note(user, item, command.value, "no_right")
            return texts.phrase("You may only read states, not send commands.")
        if not item.can_command:
            return texts.phrase("{name} accepts no commands.", name=item.label)
        if item.needs_callback and not user.is_proven:
            self._use.note(user, item, command.value, "called_back")
            self._call_back(user, item, command.value)
            return texts.phrase("{name} can only be switched after a call back. I am calling you now.", name=item.label)
        obstacle = self._check_pin(user, command) if item.needs_pin else ""
        if obstacle:
            return obstacle
        if item.needs_confirmation:
            value = value_shown(item, command.value, texts)
            question = texts.phrase("{name}: {value}? Reply YES.", name=item.label, value=value)
            return self._ask(user, Asked(kind="confirm", choices=(choice_of(command),)), question)
        return self.confirmed(user, command)

    def confirmed(self, user: ItemUser, command: ItemCommand) -> str:
        """Carry out a confirmed command; the item may have changed since then."""
        current = self._use.reachable(user.contact).by_name.get(command.item.name)
        if current is None or not current.can_command or not user.contact.may("command"):
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

    def _check_pin(self, user: ItemUser, command: ItemCommand) -> str:
        """What is wrong with the PIN; "" if it is right."""
        texts = user.texts
        pin_question = Asked(kind="pin", choices=(choice_of(command),))
        if user.contact.pin is None:
            self._use.note(user, command.item, command.value, "no_pin")
            return texts.phrase("This needs a PIN, and no PIN is set for you.")
        if self._pins.is_locked(user):
            self._use.note(user, command.item, command.value, "locked")
            return locked(texts)
        if not command.pin:
            return self._ask(user, pin_question, texts.phrase("Your PIN is needed. Reply with your PIN."))
        match self._pins.check(user, command.item.name, command.pin):
            case "right":
                return ""
            case "locked":
                return locked(texts)
            case _:
                return self._ask(user, pin_question, texts.phrase("The PIN is wrong."))

    def _ask(self, user: ItemUser, asked: Asked, question: str) -> str:
        self._asked.ask(user.contact, asked)
        return question
