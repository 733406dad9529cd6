"""What people do in the Twilio Console, on a running stand-in."""

from __future__ import annotations

from urllib.parse import quote

from twilio_binding.sandbox.twilio.connection import JSON, ControlConnection


class TwilioConsole:
    """Numbers, applications and messaging services of the account. `number` is the default of `number()`."""

    def __init__(self, connection: ControlConnection, number: str) -> None:
        self._connection = connection
        self._number = number

    def numbers(self) -> list[JSON]:
        """All numbers with their settings."""
        return self._connection.get_list("numbers")

    def number(self, number: str = "") -> JSON:
        """A number with its settings; by default, the number in the options."""
        return next(each for each in self.numbers() if each["phone_number"] == (number or self._number))

    def add_number(self, number: str, **settings: object) -> JSON:
        """Add a number with `sms_url` and other settings, `status` (URL of the status callback), and `voice_region`."""
        return self._connection.post("numbers", {"number": number, **settings})

    def change_number(self, number: str = "", **settings: object) -> JSON:
        """Change settings of a number."""
        return self._connection.post(f"numbers/{quote(number or self._number)}", settings)

    def remove_number(self, number: str = "") -> None:
        """Release a number."""
        path = f"numbers/{quote(number or self._number)}"
        self._connection.delete(path)

    def add_application(self, **urls: str) -> JSON:
        """Add an application with `sms_url` and `voice_url`. A number can name it in `sms_application_sid`."""
        return self._connection.post("applications", urls)

    def add_service(self, *numbers: str, **settings: object) -> JSON:
        """Add a messaging service with `numbers`, `inbound_request_url` and `use_inbound_webhook_on_number`."""
        return self._connection.post("services", {"numbers": numbers or (self._number,), **settings})
