"""The temperatures at home by phone: press the number of a room."""

from __future__ import annotations

from openhab_items import state

from twilio_binding.actions import listen, phone

PHONE = "twilio:phone:myaccount:myphone"
ROOMS = {"1": ("living room", "LivingRoomTemperature"), "2": ("bedroom", "BedroomTemperature")}
MENU = """<Response><Gather numDigits="1" action="{{gatherUrl:rooms}}">
<Say>{} Press 1 for the living room, 2 for the bedroom.</Say></Gather></Response>"""


def temperature(digits: str) -> str:
    """The sentence about a room."""
    if digits not in ROOMS:
        return "There is no such room."
    name, item = ROOMS[digits]
    value, _, _ = state(item).partition(" ")
    return f"It is {value} degrees in the {name}."


own = phone(PHONE)
came = listen(PHONE, "call-received", "dtmf-received")
while True:
    _, call = came.get()
    own.respondWithTwiml(call["callSid"], MENU.format(temperature(call["digits"]) if "digits" in call else "Hello."))
