"""A text to two phones when the front door opens."""

from __future__ import annotations

from openhab_items import changes

from twilio_binding.actions import phone

PHONE = "twilio:phone:myaccount:myphone"
FAMILY = ["+15559876543", "+15557654321"]

own = phone(PHONE)
for door in changes("FrontDoor"):
    if door == "OPEN":
        result = own.sendSMS(FAMILY, "The front door was opened.")
        print("sent" if result else f"not sent: {result.message} ({result.code})", flush=True)
