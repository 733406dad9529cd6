"""No page shows a whole number, a PIN or a login unless numbers are requested; tokens and passwords never."""

from __future__ import annotations

import json
import re
import sqlite3
import time
from collections.abc import Iterator
from html import unescape
from pathlib import Path

import pytest
import requests

from tests.browser import seeded
from twilio_binding.sandbox.service_process import ServiceProcess

_ADA, _STRANGER, _OTHER, _WHATSAPP = "+15553337771", "+15553337772", "+15553337773", "whatsapp:+15553337774"
_SPACED = ("8 3 5 1 7 9", "83 51 79", "8-3-5-1-7-9", "8, 3, 5, 1, 7, 9")
"""The PIN as people write it, and speech recognition."""
_PIN, _TOKEN, _PASSWORD = "835179", "b7" * 16, "sesame9"
_LOGIN = f"https://cam:{_PASSWORD}@cam.example.com/{_OTHER}"
_NUMBERS = [number.partition("+")[2] for number in (_ADA, _STRANGER, _OTHER, _WHATSAPP)]
_THINGS = f"""
Bridge twilio:account:myaccount "My account" [ accountSid="AC{"1" * 32}", authToken="{_TOKEN}", publicUrl="https://my.domain.com" ] {{
    Thing phone myphone "My number" [ phoneNumber="{_OTHER}", commands=true, menu=true ]
    Thing contact ada "Ada" [ phoneNumber="{_ADA}", rights="read,command,acknowledge", pin="{_PIN}" ]
    Thing alarm fire "Fire" [ steps="text ada; wait 10m", message="Smoke" ]
}}
"""
_CALL: dict[str, object] = {"callSid": "CAsecret", "from": _STRANGER, "to": _OTHER, "forwardedFrom": _ADA}
_TWIML = f"""<Response><Dial callerId="{_OTHER}"><Number url="{_LOGIN}">{_STRANGER}</Number></Dial><Say>Please wait</Say></Response>"""
_EVENTS: list[tuple[str, dict[str, object]]] = [
    ("sms-received", {"from": _ADA, "body": f"{_PIN} garage open", "messageSid": "SM1"}),
    ("sms-received", {"from": _ADA, "body": _PIN, "messageSid": "SM2", "mediaUrls": [_LOGIN], "mediaTypes": ["x/y"]}),
    ("sms-received", {"from": _STRANGER, "body": "Hello", "messageSid": "SM3"}),
    ("whatsapp-received", {"from": _WHATSAPP, "body": "Hello", "messageSid": "SM4"}),
    (
        "message-status",
        {"to": _OTHER, "messageSid": "SM5", "messageStatus": "failed", "errorMeaning": f"{_OTHER} is off"},
    ),
    ("call-received", _CALL | {"callStatus": "ringing", "recordingUrl": _LOGIN, "recordingSid": "RE1"}),
    ("dtmf-received", _CALL | {"digits": f"{_PIN}#", "menu": "pin"}),
    ("dtmf-received", _CALL | {"speechResult": f"My PIN is {_PIN}"}),
    ("call-status-update", _CALL | {"callStatus": "completed", "transcriptionText": f"{_OTHER} and {_PIN}"}),
]
_EVENTS += [("sms-received", {"from": _ADA, "body": f"garage open {pin}", "messageSid": "SM6"}) for pin in _SPACED]
_EVENTS += [("dtmf-received", _CALL | {"speechResult": f"It is {pin}."}) for pin in _SPACED]
_SENDS: list[tuple[str, dict[str, object], str | None]] = [
    ("sendSMS", {"to": [_OTHER, _STRANGER], "message": "Open", "mediaUrl": [_LOGIN]}, None),
    ("sendSMS", {"to": _OTHER, "message": "Failed", "mediaUrl": _LOGIN}, f"{_OTHER} cannot be reached"),
    ("makeCall", {"to": _OTHER, "twiml": _TWIML}, f"{_OTHER} is busy: {_LOGIN}"),
    ("makeCall", {"to": _OTHER, "twiml": _TWIML}, ""),
    ("makeTTSCall", {"to": _OTHER, "text": "Come home"}, ""),
]
_EVENT = """
    INSERT INTO events (id, thing, received, lifetime, urgent, states, channel, payload, openhab, mqtt)
    VALUES (?, ?, ?, 60, 0, '[]', ?, ?, ?, 1)
"""
_PART = "INSERT INTO parts (request, number, recipient, stored, sid, outcome) VALUES (?, ?, ?, ?, ?, ?)"
_COMMAND = """
    INSERT INTO item_commands (at, contact, phone, way, item, command, result, before, waits, origin)
    VALUES (?, 'twilio:contact:myaccount:ada', ?, ?, ?, ?, ?, '{}', 0, '')
"""
_LINK = re.compile(r'(?:href|action|formaction)="(/[^"#]*)')
_NO_PAGE = re.compile(r"/(static|plots|pictures|recordings)/|/sign-|numbers=")


def _seed(connection: sqlite3.Connection) -> None:
    now = time.time()
    _seed_events(connection, now)
    _seed_sends(connection, now)
    peers = [(number, seeded.PHONE, now) for number in (_ADA, _STRANGER, _OTHER, _WHATSAPP)]
    connection.executemany("INSERT INTO peers (number, thing, last) VALUES (?, ?, ?)", peers)
    commands = [
        ("text", "Note", f"code {_PIN}", "done"),
        ("call", "Note", _OTHER, "refused"),
        ("text", "", "", "wrong_pin"),
    ]
    commands += [(way, "Note", f"{_PIN} {_OTHER}", "interpreted") for way in ("speech", "interpreter")]
    connection.executemany(_COMMAND, [(now, seeded.PHONE, *one) for one in commands])


def _seed_events(connection: sqlite3.Connection, now: float) -> None:
    for n, (channel, payload) in enumerate(_EVENTS):
        for copy, openhab in enumerate((0, 1, 2, 3)):
            number = int(now * 1000) + 10 * n + copy
            row = (number, seeded.PHONE, now, channel, json.dumps(payload), openhab)
            connection.execute(_EVENT, row)
            if openhab == 3:
                reason = f"openHAB refuses {_OTHER} at {_LOGIN}"
                connection.execute("INSERT INTO set_asides VALUES (?, 'openhab', ?)", (number, reason))
            if channel in ("call-received", "dtmf-received"):
                connection.execute("INSERT INTO answers VALUES (?, 'rule', 0.1, ?)", (number, _TWIML))


def _seed_sends(connection: sqlite3.Connection, now: float) -> None:
    for n, (action, args, problem) in enumerate(_SENDS):
        refused = {"code": "x", "message": problem, "retryable": False}
        reply = {"id": "", "ok": False, "error": refused} if problem else {"id": "", "ok": True, "result": {}}
        written = None if problem is None else json.dumps(reply, separators=(",", ":"))
        to = args["to"] if isinstance(args["to"], list) else [args["to"]]
        request = (f"s{n}", seeded.PHONE, action, json.dumps(args), "", 0, now, written)
        connection.execute("INSERT INTO requests VALUES (?, ?, ?, ?, ?, ?, ?, ?)", request)
        sent = json.dumps({"sid": f"CAours{n}", "status": "queued"}) if problem == "" else None
        for part, recipient in enumerate(to):
            connection.execute(_PART, (f"s{n}", part, recipient, now, sent and f"CAours{n}", sent))


@pytest.fixture(scope="module")
def service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ServiceProcess]:
    """A service with a secret in each kind of row."""
    folder: Path = tmp_path_factory.mktemp("masked")
    things = folder / "secret.things"
    things.write_text(_THINGS, encoding="utf-8")
    with seeded.service(folder, rows=0, things=things, more=_seed) as up:
        yield up


def _pages(url: str) -> dict[str, str]:
    """Each linked page, with its source, after some actions of a user."""
    found: dict[str, str] = {}
    with requests.Session() as session:
        csrf = session.get(f"{url}/try", timeout=60).text.split('name="csrf" value="')[1].split('"')[0]
        form = {"csrf": csrf}
        sentence = form | {"text": f"{_PIN} note {_OTHER}", "contact": "twilio:contact:myaccount:ada"}
        found["a sentence"] = session.post(f"{url}/commands", sentence, timeout=60).text
        check = form | {"thing": seeded.PHONE, "to": "nobody", "text": "Hello"}
        found["a check"] = session.post(f"{url}/try/send", check, timeout=60).text
        session.post(f"{url}/alarms/twilio:alarm:myaccount:fire/test", form, timeout=60)
        session.post(f"{url}/doctor", form, timeout=120)
        found["dropped"] = session.post(f"{url}/sends/withdraw", form | {"of": "s0", "part": "1"}, timeout=60).text
        more = ["/", "/conversations?q=garage", "/conversations?q=555333", "/doctor", "/commands/past"]
        more += [f"/waiting/{part}" for part in ("openhab", "mqtt", "openhab_aside", "limited", "open", "failed")]
        while more:
            path = more.pop()
            answer = session.get(f"{url}{path}", timeout=60)
            found[path] = answer.text
            links = {unescape(link) for link in _LINK.findall(answer.text)}
            more += [link for link in links if link not in found and link not in more and not _NO_PAGE.search(link)]
    return found


def test_masked_on_every_page(service: ServiceProcess) -> None:
    """Whatever kind of row contains it, on no page and in no page's source."""
    pages = _pages(service.admin_url)
    assert {"/calls/CAsecret", "/calls/CAours3", "/calls/CAours4", "/commands/past", f"/numbers/{seeded.PHONE}"} <= set(
        pages
    )
    assert sum(path.startswith("/conversations/") for path in pages) == 4
    for path, text in pages.items():
        plain = text.replace(f'{_PIN} note {_OTHER}" ', "")
        for secret in (*_NUMBERS, _PIN, *_SPACED, _TOKEN, _PASSWORD):
            place = plain.find(secret)
            assert place < 0, f"{path} shows {secret}: {plain[max(0, place - 150) : place + 60]}"


def test_contact_with_a_mistake(tmp_path: Path) -> None:
    """While the thing of a contact has a mistake, after a second phone was added for example, no text shows the PIN either."""
    things = tmp_path / "secret.things"
    second = f'Thing phone second "Second" [ phoneNumber="{_STRANGER}" ]'
    things.write_text(_THINGS.replace("    Thing contact", f"    {second}\n    Thing contact", 1), encoding="utf-8")
    with seeded.service(tmp_path, rows=0, things=things, more=_seed) as up:
        for path in ("/conversations", "/conversations?q=garage", "/waiting"):
            text = requests.get(f"{up.admin_url}{path}", timeout=60).text
            assert "garage open" in text and not [one for one in (_PIN, *_SPACED) if one in text], path


def test_shown_on_demand(service: ServiceProcess) -> None:
    """Users who show numbers see them, but neither tokens nor passwords, nor the PIN of a contact."""
    url = service.admin_url
    for path, secret in (
        ("/conversations", _STRANGER),
        ("/calls/CAsecret", _OTHER),
        ("/calls", f"{_PIN}#"),
        ("/waiting/failed", _OTHER),
        ("/commands/past", f"code {_PIN}"),
        ("/conversations?q=garage", f"{_PIN} garage open"),
    ):
        text = unescape(requests.get(f"{url}{path}{'&' if '?' in path else '?'}numbers=shown", timeout=60).text)
        assert secret in text, path
        assert _TOKEN not in text and _PASSWORD not in text, path
