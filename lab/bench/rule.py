"""The rule of the measurements: answers every call from openHAB, and notes when."""

from __future__ import annotations

import json
import sys
import threading
import time

import requests
import sseclient

from twilio_binding.actions import connect
from twilio_binding.sandbox.demo_rule import PHONE

ANSWER = "<Response><Say>{}</Say></Response>"


def main() -> None:
    """Listen until standard input ends; then print the times (monotonic) of all answers by call SID."""
    openhab_url, broker_url, mode = sys.argv[1:4]
    words: dict[str, float] = {}
    with connect(broker_url, name="bench-rule", timeout=20) as client, requests.Session() as session:
        session.trust_env = False
        url = f"{openhab_url}/rest/events?topics=openhab/channels/{PHONE}:call-received/triggered"
        response = session.get(url, stream=True, timeout=(5, None))
        client.answers(f"{PHONE}:call-received")

        def word(sid: str) -> None:
            words[sid] = time.monotonic()
            args = {"callSid": sid, "twiml": ANSWER.format(sid)}
            client.call(PHONE, "respondWithTwiml", args)

        def listen() -> None:
            held: list[str] = []
            for event in sseclient.SSEClient(iter(lambda: response.raw.read1(65536), b"")).events():
                frame = json.loads(event.data)
                if "topic" not in frame:
                    continue
                sid = json.loads(json.loads(frame["payload"])["event"])["callSid"]
                if mode == "at-once":
                    word(sid)
                    continue
                held.append(sid)
                if len(held) == int(mode):
                    spread(held)

        def spread(held: list[str]) -> None:
            # With a thousand callers, answers are spread over five seconds.
            began = time.monotonic()
            for n, sid in enumerate(held):
                threading.Event().wait(max(0.0, began + 5.0 * n / len(held) - time.monotonic()))
                threading.Thread(target=word, args=(sid,), daemon=True).start()

        threading.Thread(target=listen, daemon=True).start()
        print("listening", flush=True)
        sys.stdin.read()
        print(json.dumps(words), flush=True)


if __name__ == "__main__":
    main()
