"""Content from strangers, rules and Twilio is shown, whatever it is, and never runs; forms accept any input."""

from __future__ import annotations

import random
import re
import sqlite3
import string
from collections.abc import Iterator
from contextlib import closing, suppress
from http.client import HTTPConnection
from urllib.parse import urlencode, urlsplit

import pytest
import requests
from playwright.sync_api import expect

from tests.browser import seeded
from tests.browser.conftest import Open
from twilio_binding.sandbox.service_process import ServiceProcess

_HURT = "</q><script>window.hurt=1</script><img src=x onerror=window.hurt=1>{{7*7}}{% raw %}\u202e\x00"
_TWIML = (
    "<Response><Gather action='javascript:window.hurt=1' numDigits='&lt;script&gt;window.hurt=1&lt;/script&gt;'>"
    "<Say>&lt;script&gt;window.hurt=1&lt;/script&gt;&lt;/q&gt;&lt;img src=x onerror=window.hurt=1&gt;</Say></Gather></Response>"
)
_BOMB = (
    "<!DOCTYPE x [<!ENTITY a 'aaaaaaaaaa'><!ENTITY b '&a;&a;&a;&a;&a;&a;&a;&a;'>]><Response><Say>&b;</Say></Response>"
)
_DEEP = "<Response>" + "<Gather>" * 3000 + "</Gather>" * 3000 + "</Response>"
_FORM = re.compile(r'name="(\w+)"')


@pytest.fixture(scope="module")
def service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ServiceProcess]:
    """A service with only hostile content."""
    folder = tmp_path_factory.mktemp("hostile")
    with seeded.service(folder, rows=4) as up:
        with closing(sqlite3.connect(folder / "data" / "twilio-binding.db", timeout=30)) as database, database:
            _spoil(database)
        yield up


def _spoil(database: sqlite3.Connection) -> None:
    fields = dict.fromkeys(("body", "profileName", "errorMeaning", "speechResult", "transcriptionText", "menu"), _HURT)
    for name, value in fields.items():
        database.execute("UPDATE events SET payload = json_set(payload, '$.' || ?, ?)", (name, value))
    database.execute(
        "UPDATE events SET payload = json_set(payload, '$.recordingUrl', 'javascript:window.hurt=1', '$.recordingSid', ?)",
        (_HURT,),
    )
    database.execute(
        "UPDATE events SET payload = json_set(payload, '$.mediaUrls', json_array(?), '$.mediaTypes', json_array(?))",
        (_HURT, _HURT),
    )
    documents = (_TWIML, _BOMB, _DEEP, "no XML \x00")
    calls = database.execute("SELECT id FROM events WHERE channel = 'call-received'").fetchall()
    for (call,), document in zip(calls, documents, strict=True):
        database.execute("INSERT INTO answers VALUES (?, ?, 0.1, ?)", (call, _HURT, document))
    database.execute("INSERT INTO set_asides SELECT id, 'openhab', ? FROM events WHERE openhab = 3", (_HURT,))
    database.execute(
        "UPDATE requests SET args = json_set(args, '$.message', ?, '$.mediaUrl', json_array('javascript:hurt'))",
        (_HURT,),
    )


def test_nothing_runs(service: ServiceProcess, open_page: Open) -> None:
    """On no page anything of it runs, and everything is shown."""
    page = open_page(service.admin_url)
    paths = ["/", "/conversations", "/calls", "/waiting", "/numbers", "/try", "/conversations?q=hurt"]
    paths += [f"/calls/CA{n}" for n in range(4)]
    page.goto(f"{service.admin_url}/conversations")
    paths += page.locator(".rows a").evaluate_all("links => links.map(link => link.pathname)")
    for path in paths:
        page.goto(f"{service.admin_url}{path}?numbers=shown" if "?" not in path else f"{service.admin_url}{path}")
        assert page.evaluate("window.hurt") is None, path
        assert page.locator("main script").count() == 0
        assert page.locator("main [href^=javascript], main [src^=javascript]").count() == 0
        assert "49" not in page.locator("h1").inner_text()
    page.goto(f"{service.admin_url}/calls/CA0")
    expect(page.locator(".tree")).to_contain_text("<script>window.hurt=1</script>", use_inner_text=True)


def _post(url: str, path: str, body: bytes, kind: str, cookie: str) -> int:
    with closing(HTTPConnection(urlsplit(url).netloc, timeout=30)) as connection:
        connection.request("POST", path, body, {"Content-Type": kind, "Cookie": cookie})
        return connection.getresponse().status


@pytest.mark.parametrize("seed", range(3))
def test_forms_take_anything(service: ServiceProcess, seed: int) -> None:
    """Whatever a form contains, the answer is a page, never a server error."""
    chance = random.Random(seed)
    connection = HTTPConnection(urlsplit(service.admin_url).netloc, timeout=30)
    connection.request("GET", "/try")
    answer = connection.getresponse()
    cookie = (answer.getheader("Set-Cookie") or "").partition(";")[0]
    csrf = answer.read().decode().split('name="csrf" value="')[1].split('"')[0]
    connection.close()
    paths = [
        "/try/send",
        "/segments",
        "/commands",
        "/try/phone",
        "/try/calls/CA1",
        "/conversations/1",
        "/events/1/replay",
        "/sends/again",
        "/sends/withdraw",
    ]
    paths += [
        "/waiting/openhab/1/retry",
        "/waiting/x/1/give-up",
        "/waiting/openhab/all/retry",
        "/waiting/%00/all/give-up",
    ]
    paths += [
        "/numbers/x/discover",
        "/numbers/x/configureWebhooks",
        f"/events/{2**70}/replay",
        f"/waiting/mqtt/{2**70}/retry",
    ]
    names = [
        "thing",
        "kind",
        "to",
        "text",
        "picture",
        "step",
        "request",
        "of",
        "part",
        "peer",
        "from",
        "keys",
        "words",
        "call",
        "contact",
    ]
    for path in paths * 3:
        fields = [(name, _any(chance)) for name in chance.choices(names, k=8)]
        form = urlencode([("csrf", csrf), *fields], errors="surrogatepass").encode()
        assert _post(service.admin_url, path, form, "application/x-www-form-urlencoded", cookie) < 500, (path, fields)
    for body in (b"", b"\xff\xfe" * 50, b"csrf=" + b"x" * 300_000, b"--x\r\n", b"a=1&" * 5000):
        for kind in (
            "application/x-www-form-urlencoded",
            "multipart/form-data; boundary=x",
            "multipart/form-data",
            "text/plain",
        ):
            assert _post(service.admin_url, "/try/send", body, kind, cookie) in (400, 413), (body[:20], kind)
    assert "console.failed" not in service.log.read_text(encoding="utf-8")


@pytest.mark.parametrize(
    "query",
    [
        *(
            "endpoint=x",
            "_external=1&_scheme=javascript",
            "_anchor=x&_method=POST",
            "values=1",
            "self=1",
            "numbers=%00",
        ),
        *("before=1_1_1e30", "before=1e308_1e308", "before=1_1_-1e300", "before=-1e300_-1e300", "before=nan_inf"),
        *("q=%ff%fe&q=%00", f"q={'%F0%9F%98%80' * 200}", "page=1e9&contact=%ud800", "x=%0d%0aSet-Cookie:%20a=b"),
    ],
)
def test_addresses_take_anything(service: ServiceProcess, query: str) -> None:
    """Whatever stands in the address of a page, the answer is the page, and each link on it stays within the console."""
    paths = [
        "/",
        "/conversations",
        "/conversations/1",
        "/calls",
        "/calls/CA0",
        "/waiting",
        "/numbers",
        "/try",
        "/alarms",
    ]
    paths += [*(f"/waiting/{part}" for part in ("openhab", "failed", "open", "limited")), "/commands", "/commands/past"]
    for path in paths:
        answer = requests.get(f"{service.admin_url}{path}?{query}", timeout=60)
        assert answer.status_code == 200, path
        links = re.findall(r'<a [^>]*href="([^"]*)"', answer.text)
        assert links and all(re.match(r"/(?!/)|#", link) for link in links), path
        assert "Set-Cookie: a" not in str(answer.headers)
    assert "console.failed" not in service.log.read_text(encoding="utf-8")


def _any(chance: random.Random) -> str:
    kinds = (
        "",
        "twilio:phone:myaccount:myphone",
        "+15557654321",
        _HURT,
        "\ud800",
        "0" * 200,
        "-1",
        "1e999",
        "sendSMS",
        "call",
    )
    return chance.choice([*kinds, "".join(chance.choices(string.printable + "äß€\u2028😀", k=chance.randrange(60)))])


def test_large_uploads(service: ServiceProcess) -> None:
    """A picture beyond the limit is refused before it is read."""
    body = (
        b'--x\r\nContent-Disposition: form-data; name="picture"; filename="x"\r\n\r\n'
        + b"x" * 7_000_000
        + b"\r\n--x--\r\n"
    )
    with suppress(BrokenPipeError, ConnectionResetError):  # it may hang up while we are sending
        assert _post(service.admin_url, "/try/phone", body, "multipart/form-data; boundary=x", "") == 413
