"""A picture of a camera that only the home network reaches: `lan_camera.py http://192.168.1.20/snapshot.jpg`."""

from __future__ import annotations

import sys

from twilio_binding.actions import phone

PHONE = "twilio:phone:myaccount:myphone"
TO = "+15559876543"

own = phone(PHONE)
url = own.createProxyMediaUrl(sys.argv[1])
if url is None:
    sys.exit("There is no picture; the log of twilio-binding says why.")
result = own.sendWhatsApp(TO, "The garden, just now.", url)
print("sent" if result else f"not sent: {result.message} ({result.code})", flush=True)
