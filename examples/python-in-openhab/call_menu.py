"""A call is greeted with a menu, and each key has its answer."""

from openhab import Registry

from openhab_twilio import on_call, on_digits

PHONE = "twilio:phone:myaccount:myphone"
MENU = """<Response><Gather numDigits="1" action="{gatherUrl:house}">
<Say>Welcome home. Press 1 for the door, 2 for the garden lights.</Say></Gather>
<Say>Nothing was pressed. Goodbye.</Say></Response>"""


@on_call(PHONE)
def greet(_call):
    return MENU


@on_digits(PHONE, menu="house")
def pressed(call):
    if call.digits == "1":
        return f"The front door is {str(Registry.getItem('FrontDoor').getState()).lower()}."
    if call.digits == "2":
        Registry.getItem("GardenLights").sendCommand("ON")
        return "The garden lights are on."
    return "There is no such key. Goodbye."
