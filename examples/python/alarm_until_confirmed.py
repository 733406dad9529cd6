"""An alarm that calls one person after the other, again and again, until somebody presses 1.

`alarm_until_confirmed.py "Water in the cellar"`
"""

from __future__ import annotations

import sys
import time
from itertools import cycle
from queue import Empty
from xml.sax.saxutils import escape

from twilio_binding.actions import listen, phone

PHONE = "twilio:phone:myaccount:myphone"
FAMILY = ["+15559876543", "+15557654321"]
PATIENCE = 90.0
ALARM = f"""<Response><Gather numDigits="1" action="{{gatherUrl:alarm}}">
<Say loop="3">Alarm: {escape(sys.argv[1])}. Press 1 to confirm.</Say></Gather></Response>"""
THANKS = "<Response><Say>Thank you. Nobody else is called.</Say></Response>"
OVER = {"completed", "busy", "no-answer", "failed", "canceled"}

own = phone(PHONE)
came = listen(PHONE, "dtmf-received", "call-status-update")


def is_confirmed(sid: str) -> bool:
    """Whether 1 is pressed in this call, which is over after `PATIENCE` seconds at the latest."""
    deadline = time.monotonic() + PATIENCE
    while time.monotonic() < deadline:
        try:
            channel, event = came.get(timeout=deadline - time.monotonic())
        except (Empty, ValueError):
            return False
        if event["callSid"] != sid:
            continue
        if channel == "dtmf-received":
            pressed = event["digits"] == "1"
            own.respondWithTwiml(sid, THANKS if pressed else ALARM)
            if pressed:
                return True
        elif event["callStatus"] in OVER:
            return False
    return False


for number in cycle(FAMILY):
    result = own.makeCall(number, ALARM)
    if not result:
        print(f"no call: {result.message} ({result.code})", flush=True)
        time.sleep(5)
    elif is_confirmed(result.sid):
        print("confirmed", flush=True)
        break
