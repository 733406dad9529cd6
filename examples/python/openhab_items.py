"""Items of openHAB over REST, for the examples: their states, commands, and what changes."""

from __future__ import annotations

import json
import os
import time
from collections.abc import Iterator

import requests
import sseclient
import urllib3

URL = os.environ.get("OPENHAB_URL", "http://127.0.0.1:8080")


def state(item: str) -> str:
    """The state of an item as text, such as `21.5 °C`, OPEN or NULL; `unknown` when openHAB does not answer."""
    try:
        answer = requests.get(f"{URL}/rest/items/{item}/state", timeout=5)
    except requests.RequestException:
        return "unknown"
    return answer.content.decode() if answer.ok else "unknown"


def command(item: str, value: str) -> bool:
    """Send an item a command; whether openHAB has taken it."""
    headers = {"Content-Type": "text/plain; charset=utf-8"}
    try:
        return requests.post(f"{URL}/rest/items/{item}", value.encode(), headers=headers, timeout=5).ok
    except requests.RequestException:
        return False


def changes(item: str) -> Iterator[str]:
    """Each new state of an item; openHAB may restart meanwhile."""
    topics = f"{URL}/rest/events?topics=openhab/items/{item}/statechanged"
    while True:
        try:
            with requests.get(topics, stream=True, timeout=(5, 30)) as answer:
                # Piece by piece, as it arrives: `iter_content` would hand over every event one event late.
                for event in sseclient.SSEClient(iter(lambda: answer.raw.read1(65536), b"")).events():
                    frame = json.loads(event.data)
                    if frame.get("type") == "ItemStateChangedEvent":
                        yield json.loads(frame["payload"])["value"]
        except (requests.RequestException, urllib3.exceptions.HTTPError):
            time.sleep(1)
