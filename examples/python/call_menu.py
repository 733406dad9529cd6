"""A call is greeted with a menu, and each key has its answer."""

from __future__ import annotations

from openhab_items import command, state

from twilio_binding.actions import listen, phone

PHONE = "twilio:phone:myaccount:myphone"
MENU = """<Response><Gather numDigits="1" action="{gatherUrl:house}">
<Say>Welcome home. Press 1 for the door, 2 for the garden lights.</Say></Gather>
<Say>Nothing was pressed. Goodbye.</Say></Response>"""
SAY = "<Response><Say>{}</Say></Response>"


def pressed(digits: str) -> str:
    """Carry out the command of a key. Returns what the caller hears."""
    if digits == "1":
        return SAY.format(f"The front door is {state('FrontDoor').lower()}.")
    if digits == "2":
        done = command("GardenLights", "ON")
        return SAY.format("The garden lights are on." if done else "Your home is not responding.")
    return SAY.format("There is no such key. Goodbye.")


own = phone(PHONE)
came = listen(PHONE, "call-received", "dtmf-received")
while True:
    channel, call = came.get()
    if channel == "call-received":
        own.respondWithTwiml(call["callSid"], MENU)
    elif call.get("menu") == "house":
        own.respondWithTwiml(call["callSid"], pressed(call["digits"]))
