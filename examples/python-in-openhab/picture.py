"""The picture of an Image item as a message, when the front door opens."""

from openhab import rule
from openhab.triggers import ItemStateChangeTrigger

from openhab_twilio import phone

PHONE = "twilio:phone:myaccount:myphone"
TO = "+15559876543"


@rule(name="Picture", triggers=[ItemStateChangeTrigger("FrontDoor", state="OPEN")])
def opened(_module, _input):
    own = phone(PHONE)
    url = own.createItemMediaUrl("DoorCamera")
    own.sendSMS(TO, "Somebody is at the door." if url else "Somebody is at the door; there is no picture.", url)
