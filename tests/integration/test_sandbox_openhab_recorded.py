"""The stand-in against what a real openHAB 5.3 answered (tests/data/openhab/recorded.jsonl)."""

from __future__ import annotations

import base64
import http.client
import json
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import cast
from urllib.parse import urlsplit

import pytest

from lab.standins.client import OpenHABStandIn
from twilio_binding.sandbox.openhab import OpenHABOptions

Row = dict[str, object]
_DATA = Path(__file__).parents[1] / "data" / "openhab"
_ROWS: list[Row] = [json.loads(line) for line in (_DATA / "recorded.jsonl").read_text("utf-8").splitlines()]
_FILE_RULE: dict[str, object] = {
    "name": "From a file",
    "triggers": [{"id": "0", "configuration": {"channelUID": "x:y:z:c"}, "type": "core.ChannelEventTrigger"}],
    "actions": [{"id": "script", "configuration": {"type": "t", "script": "s"}, "type": "script.ScriptAction"}],
    "configuration": {"sourceType": "t", "source": "s"},
}


@dataclass(frozen=True, slots=True)
class Got:
    """What the stand-in answered."""

    status: int
    type: str
    location: str
    body: str


@pytest.fixture(scope="module")
def replayed() -> Iterator[list[Got]]:
    """All recorded requests, sent in order to one stand-in."""
    options = OpenHABOptions(items=_DATA / "items", token="admin-token", user_token="user-token", apply_delay=0)
    with OpenHABStandIn(options) as openhab:
        openhab.contents.put_rule("lab-1", _FILE_RULE)
        connection = http.client.HTTPConnection(urlsplit(openhab.url).netloc, timeout=30)
        yield [_settled(connection, row) for row in _ROWS]
        connection.close()


@pytest.mark.parametrize("number", range(len(_ROWS)), ids=[f"{n}-{row['name']}" for n, row in enumerate(_ROWS)])
def test_answers_as_recorded(replayed: list[Got], number: int) -> None:
    """Status, content type and location are those recorded; texts and errors too, other JSON has the same shape."""
    row, got = _ROWS[number], replayed[number]
    assert (got.status, got.type) == (row["status"], row["type"])
    assert got.location == row.get("location", got.location)
    if row["type"] != "application/json":
        assert row["name"] == "uuid" or got.body == row.get("answer", "")
    elif "answer" in row:
        assert _shape(json.loads(got.body)) == _shape(row["answer"])


def _settled(connection: http.client.HTTPConnection, row: Row) -> Got:
    """Send a request; a text is asked for again until it is the recorded one, because states come late."""
    deadline = time.monotonic() + 2
    while True:
        got = _send(connection, row)
        late = row["name"] != "uuid" and row["type"] == "text/plain" and row["method"] == "GET"
        if not late or got.body == row.get("answer", "") or time.monotonic() > deadline:
            return got


def _send(connection: http.client.HTTPConnection, row: Row) -> Got:
    headers = dict(cast("dict[str, str]", row.get("headers", {}))) | _authorization(str(row["as"]))
    body = row.get("body")
    connection.request(str(row["method"]), str(row["path"]), None if body is None else str(body).encode(), headers)
    answer = connection.getresponse()
    text = answer.read().decode()
    return Got(answer.status, answer.headers.get("Content-Type", ""), answer.headers.get("Location", ""), text)


def _authorization(who: str) -> dict[str, str]:
    if not who:
        return {}
    name, _, form = who.partition(", ")
    token = f"{name}-token"
    if form == "X-OPENHAB-TOKEN":
        return {"X-OPENHAB-TOKEN": token}
    if form == "Basic":
        pair = name if ":" in name else f"{token}:"
        return {"Authorization": f"Basic {base64.b64encode(pair.encode()).decode()}"}
    return {"Authorization": f"Bearer {token}"}


def _shape(value: object, key: str = "") -> object:
    """Keys and types; the texts of errors in full, the items of a list without order and repetition."""
    if isinstance(value, dict):
        return {name: _shape(inner, name) for name, inner in value.items()}
    if isinstance(value, list):
        return sorted({json.dumps(_shape(inner), sort_keys=True) for inner in value})
    if isinstance(value, str) and value.startswith('{"error"'):
        return _shape(json.loads(value))
    return value if key in {"status", "statusDetail", "http-code", "problem"} else type(value).__name__
