"""Items of openHAB over REST, for the examples: states, commands and changes."""

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
    """The state of an item as text, such as `21.5 °C`, OPEN or NULL; `unknown` if openHAB does not answer."""
    try:
        answer = requests.get(f"{URL}/rest/items/{item}/state", timeout=5)
    except requests.RequestException:
        return "unknown"
    return answer.content.decode() if answer.ok else "unknown"


def command(item: str, value: str) -> bool:
    """Send a command to an item. Returns whether openHAB accepted it."""
    headers = {"Content-Type": "text/plain; charset=utf-8"}
    try:
        return requests.post(f"{URL}/rest/items/{item}", value.encode(), headers=headers, timeout=5).ok
    except requests.RequestException:
        return False


def changes(item: str) -> Iterator[str]:
    """Each new state of an item, also after a restart of openHAB."""
    topics = f"{URL}/rest/events?topics=openhab/items/{item}/statechanged"
    while True:
        try:
            with requests.get(topics, stream=True, timeout=(5, 30)) as answer:
                # As it arrives: with `iter_content`, each event would come one event late.
                for event in sseclient.SSEClient(iter(lambda: answer.raw.read1(65536), b"")).events():
                    frame = json.loads(event.data)
                    if frame.get("type") == "ItemStateChangedEvent":
                        yield json.loads(frame["payload"])["value"]
        except (requests.RequestException, urllib3.exceptions.HTTPError):
            time.sleep(1)
