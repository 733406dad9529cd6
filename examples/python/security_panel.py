"""The alarm system by phone, behind a PIN: `ALARM_PIN=4711 security_panel.py`.

The menu's name is part of the URL that Twilio signs, so nobody gets to the panel without the PIN. The state of
`last-dtmf-digits` contains the PIN: do not link an item that others can see.
"""

from __future__ import annotations

import hmac
import os

from openhab_items import command, state

from twilio_binding.actions import listen, phone

PHONE = "twilio:phone:myaccount:myphone"
ALLOWED = {"+15559876543", "+15557654321"}
PIN = os.environ["ALARM_PIN"]
ASK = """<Response><Gather numDigits="4" action="{gatherUrl:pin}"><Say>Your PIN, please.</Say></Gather></Response>"""
PANEL = """<Response><Gather numDigits="1" action="{gatherUrl:panel}">
<Say>Press 1 to arm, 2 to disarm, 3 for the state.</Say></Gather></Response>"""
SAY = "<Response><Say>{}</Say><Hangup/></Response>"
MODES = {"1": "ARMED", "2": "DISARMED"}


def answer(channel: str, call: dict[str, str]) -> str:
    """The next TwiML for the caller."""
    if call["from"] not in ALLOWED:
        return SAY.format("Access denied.")
    if channel == "call-received":
        return ASK
    if call.get("menu") == "pin":
        return PANEL if hmac.compare_digest(call["digits"], PIN) else SAY.format("Wrong PIN.")
    if call.get("menu") != "panel":
        return SAY.format("Goodbye.")
    if call["digits"] in MODES:
        if not command("AlarmSystem", MODES[call["digits"]]):
            return SAY.format("Your home is not responding. Nothing was changed.")
        return SAY.format(f"The alarm system is {MODES[call['digits']].lower()}.")
    return SAY.format(f"The alarm system is {state('AlarmSystem').lower()}.")


own = phone(PHONE)
came = listen(PHONE, "call-received", "dtmf-received")
while True:
    channel, call = came.get()
    own.respondWithTwiml(call["callSid"], answer(channel, call))
