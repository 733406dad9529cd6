"""The rule of the demo: a Python program beside openHAB that reads trigger events and sends actions over MQTT.

`python -m twilio_binding.sandbox.demo_rule <openHAB URL> <broker URL>` prints `listening` when it is ready.
"""

from __future__ import annotations

import json
import sys
import time
from contextlib import suppress
from typing import Any

import requests
import sseclient
import urllib3

from twilio_binding.actions import Phone, connect, phone
from twilio_binding.sandbox.waiting import PATIENCE

PHONE = "twilio:phone:myaccount:myphone"
MENU = """<Response><Gather numDigits="1" action="{gatherUrl:main}">
<Say>Welcome home. Press 1 for the alarm, 2 for the temperature.</Say></Gather></Response>"""
ALARM = """<Response><Gather numDigits="1" action="{gatherUrl:alarm}">
<Say>The alarm is off. Press 1 to arm it.</Say></Gather></Response>"""
_PAUSE = 0.1
"""Seconds between two tries to reach openHAB."""
SAY = "<Response><Say>{}</Say></Response>"
ANSWERS = {
    ("main", "1"): ALARM,
    ("main", "2"): SAY.format("It is 21.5 degrees in the living room."),
    ("alarm", "1"): SAY.format("The alarm is armed. Goodbye."),
}


def on_event(own: Phone, channel: str, event: dict[str, Any]) -> None:
    """Answer one trigger event."""
    if channel == "sms-received" and event["body"].strip().lower() == "status":
        own.sendSMS(event["from"], "All doors are closed. 21.5 °C.")
    elif channel == "call-received":
        own.respondWithTwiml(event["callSid"], MENU)
    elif channel == "dtmf-received":
        chosen = ANSWERS.get((event.get("menu", ""), event["digits"]), SAY.format("There is no such choice."))
        own.respondWithTwiml(event["callSid"], chosen)


def main() -> None:
    """Answer trigger events until the process is ended; end if openHAB does not answer at the start."""
    openhab_url, broker_url = sys.argv[1:3]
    stream = f"{openhab_url}/rest/events?topics=openhab/channels/{PHONE}:*"
    with connect(broker_url, name="demo-rule") as client, requests.Session() as session:
        session.trust_env = False
        client.answers(f"{PHONE}:call-received", f"{PHONE}:dtmf-received")
        is_listening = False
        deadline = time.monotonic() + PATIENCE
        while is_listening or time.monotonic() < deadline:
            # openHAB restarts now and then.
            with (
                suppress(requests.RequestException, urllib3.exceptions.HTTPError, OSError),
                session.get(stream, stream=True, timeout=(2, 30)) as response,
            ):
                if not is_listening and response.ok:
                    is_listening = True
                    print("listening", flush=True)
                _follow(response, phone(PHONE, client))
            time.sleep(_PAUSE)


def _follow(response: requests.Response, own: Phone) -> None:
    for event in sseclient.SSEClient(iter(lambda: response.raw.read1(65536), b"")).events():
        frame = json.loads(event.data)
        if "topic" in frame:
            channel = frame["topic"].split("/")[2].rpartition(":")[2]
            on_event(own, channel, json.loads(json.loads(frame["payload"])["event"]))


if __name__ == "__main__":
    main()
