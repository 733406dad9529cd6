"""Commands by text: STATUS, CAMERA, LIGHTS ON, LIGHTS OFF."""

from __future__ import annotations

from openhab_items import command, state

from twilio_binding.actions import listen, phone

PHONE = "twilio:phone:myaccount:myphone"
ALLOWED = {"+15559876543", "+15557654321"}

own = phone(PHONE)
came = listen(PHONE, "sms-received")
while True:
    _, text = came.get()
    sender, wish = text["from"], text["body"].strip().upper()
    if sender not in ALLOWED:
        continue
    if wish == "STATUS":
        own.sendSMS(sender, f"Door {state('FrontDoor')}, alarm {state('AlarmSystem')}")
    elif wish == "CAMERA":
        own.sendSMS(sender, "The door, just now.", own.createItemMediaUrl("DoorCamera"))
    elif wish in {"LIGHTS ON", "LIGHTS OFF"}:
        done = command("GardenLights", wish.removeprefix("LIGHTS "))
        own.sendSMS(sender, f"{wish.capitalize()}: {'done' if done else 'openHAB does not answer'}.")
    else:
        own.sendSMS(sender, "STATUS, CAMERA, LIGHTS ON or LIGHTS OFF?")
