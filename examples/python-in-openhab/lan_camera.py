"""A picture of a camera that only the home network reaches, when the front door opens."""

from openhab import rule
from openhab.triggers import ItemStateChangeTrigger

from openhab_twilio import phone

PHONE = "twilio:phone:myaccount:myphone"
TO = "+15559876543"
CAMERA = "http://192.168.1.20/snapshot.jpg"


@rule(name="LAN camera", triggers=[ItemStateChangeTrigger("FrontDoor", state="OPEN")])
def opened(_module, _input):
    own = phone(PHONE)
    url = own.createProxyMediaUrl(CAMERA)
    own.sendWhatsApp(TO, "The garden, just now." if url else "The camera does not answer.", url)
