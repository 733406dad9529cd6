"""The picture of an Image item as a message, with a text and without one."""

from __future__ import annotations

import sys

from twilio_binding.actions import phone

PHONE = "twilio:phone:myaccount:myphone"
TO = "+15559876543"

own = phone(PHONE)
url = own.createItemMediaUrl("DoorCamera")
if url is None:
    sys.exit("There is no picture; the log of twilio-binding says why.")
for text in ("Somebody is at the door.", None):
    result = own.sendSMS(TO, text, url)
    print("sent" if result else f"not sent: {result.message} ({result.code})", flush=True)
