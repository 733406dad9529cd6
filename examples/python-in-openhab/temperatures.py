"""The temperatures at home by phone: press the number of a room."""

from openhab import Registry

from openhab_twilio import on_call, on_digits

PHONE = "twilio:phone:myaccount:myphone"
ROOMS = {"1": ("living room", "LivingRoomTemperature"), "2": ("bedroom", "BedroomTemperature")}
MENU = """<Response><Gather numDigits="1" action="{{gatherUrl:rooms}}">
<Say>{} Press 1 for the living room, 2 for the bedroom.</Say></Gather></Response>"""


@on_call(PHONE)
def greet(_call):
    return MENU.format("Hello.")


@on_digits(PHONE, menu="rooms")
def told(call):
    if call.digits not in ROOMS:
        return MENU.format("There is no such room.")
    name, item = ROOMS[call.digits]
    value = str(Registry.getItem(item).getState()).partition(" ")[0]
    return MENU.format(f"It is {value} degrees in the {name}.")
