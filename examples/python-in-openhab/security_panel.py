"""The alarm system by phone, behind a PIN.

The menu's name is part of the URL that Twilio signs, so nobody gets to the panel without the PIN. The state of
`last-dtmf-digits` contains the PIN: do not link an item that others can see.
"""

from openhab import Registry

from openhab_twilio import on_call, on_digits

PHONE = "twilio:phone:myaccount:myphone"
ALLOWED = {"+15559876543", "+15557654321"}
PIN = "4711"
ASK = """<Response><Gather numDigits="4" action="{gatherUrl:pin}"><Say>Your PIN, please.</Say></Gather></Response>"""
PANEL = """<Response><Gather numDigits="1" action="{gatherUrl:panel}">
<Say>Press 1 to arm, 2 to disarm, 3 for the state.</Say></Gather></Response>"""
MODES = {"1": "ARMED", "2": "DISARMED"}


@on_call(PHONE)
def greet(call):
    return ASK if call.sender in ALLOWED else "Access denied."


@on_digits(PHONE, menu="pin")
def pin(call):
    return PANEL if call.digits == PIN else "Wrong PIN."


@on_digits(PHONE, menu="panel")
def panel(call):
    alarm = Registry.getItem("AlarmSystem")
    if call.digits in MODES:
        alarm.sendCommand(MODES[call.digits])
        return f"The alarm system is {MODES[call.digits].lower()}."
    return f"The alarm system is {str(alarm.getState()).lower()}."
