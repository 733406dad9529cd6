"""An alarm that calls one person after the other, again and again, until somebody presses 1.

`alarm_until_confirmed.py "Water in the cellar"`. A call each minute for ten minutes, then one every five minutes: so the
alarm continues until somebody confirms it, within the limits of a day. To try it faster: `ALARM_PAUSE=5`, in seconds.
"""

from __future__ import annotations

import os
import sys
import time
from itertools import chain, cycle, repeat
from queue import Empty
from xml.sax.saxutils import escape

from twilio_binding.actions import listen, phone

PHONE = "twilio:phone:myaccount:myphone"
FAMILY = ["+15559876543", "+15557654321"]
PATIENCE = 90.0
PAUSE = float(os.environ.get("ALARM_PAUSE", "60"))
PAUSES = chain(repeat(PAUSE, 10), repeat(PAUSE * 5))
ALARM = f"""<Response><Gather numDigits="1" action="{{gatherUrl:alarm}}">
<Say loop="3">Alarm: {escape(sys.argv[1])}. Press 1 to confirm.</Say></Gather></Response>"""
THANKS = "<Response><Say>Thank you. Nobody else is called.</Say></Response>"
OVER = {"completed", "busy", "no-answer", "failed", "canceled"}

own = phone(PHONE)
came = listen(PHONE, "dtmf-received", "call-status-update")


def is_confirmed(sid: str) -> bool:
    """Whether 1 is pressed in this call. Waits for at most `PATIENCE` seconds."""
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


for number, pause in zip(cycle(FAMILY), PAUSES, strict=False):
    next_call = time.monotonic() + pause
    # `emergency` lifts all limits except emergencies_per_day.
    result = own.makeCall(number, ALARM, emergency=True)
    if not result:
        print(f"no call: {result.message} ({result.code})", flush=True)
        next_call = time.monotonic() + 5
    elif is_confirmed(result.sid):
        print("confirmed", flush=True)
        break
    time.sleep(max(0.0, next_call - time.monotonic()))
