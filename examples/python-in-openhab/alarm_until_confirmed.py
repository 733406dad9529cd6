"""While AlarmCall is ON, one person after the other is called until somebody presses 1.

A call each minute for ten minutes, then one every five minutes, so that the alarm continues until somebody confirms it, within
the limits of a day.
"""

from itertools import cycle

from openhab import Registry, rule
from openhab.triggers import GenericCronTrigger, ItemStateChangeTrigger

from openhab_twilio import on_digits, phone

PHONE = "twilio:phone:myaccount:myphone"
FAMILY = cycle(["+15559876543", "+15557654321"])
minutes = []
ALARM = """<Response><Gather numDigits="1" action="{gatherUrl:alarm}">
<Say loop="3">There is an alarm. Press 1 to confirm.</Say></Gather></Response>"""


@rule(
    name="Alarm calls",
    triggers=[ItemStateChangeTrigger("AlarmCall", state="ON"), GenericCronTrigger("0 * * * * ?")],
)
def call(_module, _input):
    if str(Registry.getItem("AlarmCall").getState()) != "ON":
        minutes.clear()
        return
    if len(minutes) < 10 or len(minutes) % 5 == 0:
        phone(PHONE).makeCall(next(FAMILY), ALARM)
    minutes.append(1)


@on_digits(PHONE, menu="alarm")
def confirmed(call):
    if call.digits != "1":
        return ALARM
    Registry.getItem("AlarmCall").sendCommand("OFF")
    return "Thank you. Nobody else is called."
