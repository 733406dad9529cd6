"""Commands by text: STATUS, CAMERA, LIGHTS ON, LIGHTS OFF."""

from openhab import Registry

from openhab_twilio import on_sms

PHONE = "twilio:phone:myaccount:myphone"
ALLOWED = {"+15559876543", "+15557654321"}


@on_sms(PHONE)
def menu(text):
    wish = text.body.strip().upper()
    if text.sender not in ALLOWED:
        return None
    if wish == "STATUS":
        return f"Door {Registry.getItem('FrontDoor').getState()}, alarm {Registry.getItem('AlarmSystem').getState()}"
    if wish == "CAMERA":
        text.phone.sendSMS(text.sender, "The door, just now.", text.phone.createItemMediaUrl("DoorCamera"))
        return None
    if wish in {"LIGHTS ON", "LIGHTS OFF"}:
        Registry.getItem("GardenLights").sendCommand(wish.removeprefix("LIGHTS "))
        return f"{wish.capitalize()}: done."
    return "STATUS, CAMERA, LIGHTS ON or LIGHTS OFF?"
