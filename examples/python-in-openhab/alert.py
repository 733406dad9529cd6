"""A text to two phones when the front door opens."""

from openhab import rule
from openhab.triggers import ItemStateChangeTrigger

from openhab_twilio import phone

PHONE = "twilio:phone:myaccount:myphone"
FAMILY = ["+15559876543", "+15557654321"]


@rule(name="Alert", triggers=[ItemStateChangeTrigger("FrontDoor", state="OPEN")])
def opened(_module, _input):
    result = phone(PHONE).sendSMS(FAMILY, "The front door was opened.")
    print("sent" if result else f"not sent: {result.message} ({result.code})")
