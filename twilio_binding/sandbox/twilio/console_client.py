"""What people do in Twilio's Console, at a running stand-in."""

from __future__ import annotations

from urllib.parse import quote

from twilio_binding.sandbox.twilio.connection import JSON, ControlConnection


class TwilioConsole:
    """Numbers, applications and messaging services of the account. `number` is the one that is meant by default."""

    def __init__(self, connection: ControlConnection, number: str) -> None:
        self._connection = connection
        self._number = number

    def numbers(self) -> list[JSON]:
        """All numbers with their settings."""
        return self._connection.get_list("numbers")

    def number(self, number: str = "") -> JSON:
        """A number with its settings, that of the options if none is named."""
        return next(each for each in self.numbers() if each["phone_number"] == (number or self._number))

    def add_number(self, number: str, **settings: object) -> JSON:
        """One more number, with `sms_url` and other settings, `status` (of its status callback), `voice_region`."""
        return self._connection.post("numbers", {"number": number, **settings})

    def change_number(self, number: str = "", **settings: object) -> JSON:
        """Somebody changes settings of a number in the Console."""
        return self._connection.post(f"numbers/{quote(number or self._number)}", settings)

    def remove_number(self, number: str = "") -> None:
        """The account loses a number."""
        path = f"numbers/{quote(number or self._number)}"
        self._connection.delete(path)

    def add_application(self, **urls: str) -> JSON:
        """An application with `sms_url` and `voice_url`; a number's `sms_application_sid` may name it."""
        return self._connection.post("applications", urls)

    def add_service(self, *numbers: str, **settings: object) -> JSON:
        """A messaging service with numbers, `inbound_request_url` and `use_inbound_webhook_on_number`."""
        return self._connection.post("services", {"numbers": numbers or (self._number,), **settings})
