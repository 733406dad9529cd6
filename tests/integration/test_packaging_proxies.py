"""Reverse proxies with the project's configuration: the real nginx and Caddy in front of the service."""

from __future__ import annotations

import shutil
import socket
import subprocess
import tempfile
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from hashlib import md5
from pathlib import Path
from urllib.parse import urlencode

import pytest
import requests

from lab.standins.stack import Stack, stack
from tests.contract.signing import sign
from tests.doctor import bad, only, results, settings
from tests.integration.conftest import bodies
from tests.standins import PUBLIC_URL, TOKEN
from tests.waiting import wait_until
from twilio_binding.sandbox.demo_rule import PHONE
from twilio_binding.sandbox.ports import free_port
from twilio_binding.sandbox.service_process import SEEDS

PACKAGING = Path(__file__).resolve().parents[2] / "packaging"
CALLBACK = f"/twilio/callback/{PHONE}"
PROXIES = [
    pytest.param(
        name, marks=pytest.mark.skipif(not shutil.which(name), reason=f"{name} is missing: apt-get install {name}")
    )
    for name in ("nginx", "caddy")
]


@pytest.fixture(scope="module")
def shared_stack() -> Iterator[Stack]:
    """A stack whose phone waits for a rule as long as possible."""
    with stack() as up:
        text = up.things.read_text(encoding="utf-8")
        up.things.write_text(
            text.replace(
                'phoneNumber="+15551234567"', 'phoneNumber="+15551234567", responseTimeout=14, waitForRule="always"'
            )
        )
        up.service.stop()
        up.service.start()
        up.service.wait_ready()
        yield up


@pytest.fixture(params=PROXIES)
def proxy(home: Stack, request: pytest.FixtureRequest) -> Iterator[str]:
    """The address of a proxy in front of the stack's service."""
    with running(request.param, home.service.url.removeprefix("http://")) as url:
        yield url


@contextmanager
def running(name: str, service: str) -> Iterator[str]:
    """A proxy with the project's file; only addresses and certificates differ."""
    port = free_port()
    with tempfile.TemporaryDirectory(prefix="proxy-") as found:
        folder = Path(found)
        folder.chmod(0o755)
        make = nginx if name == "nginx" else caddy
        process = subprocess.Popen(
            make(folder, port, service),
            cwd=folder,
            env={"HOME": found, "PATH": "/usr/bin:/usr/sbin", "XDG_DATA_HOME": found, "XDG_CONFIG_HOME": found},
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        try:
            wait_until(lambda: answers(port), 15, f"{name} to listen")
            yield f"http://127.0.0.1:{port}"
        finally:
            process.terminate()
            process.wait(20)


def nginx(folder: Path, port: int, service: str) -> list[str]:
    """The command of an nginx with our file."""
    text = (PACKAGING / "nginx.conf").read_text(encoding="utf-8")
    kept = [line for line in text.splitlines() if not line.strip().startswith("ssl_")]
    server = "\n".join(kept).replace("listen 443 ssl;", f"listen 127.0.0.1:{port};").replace("127.0.0.1:8765", service)
    places = "".join(
        f"{kind}_temp_path {folder}/{kind};\n" for kind in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
    )
    http = f"access_log off;\n{places}{server}"
    (folder / "nginx.conf").write_text(f"pid {folder}/pid;\ndaemon off;\nevents {{}}\nhttp {{\n{http}\n}}\n", "utf-8")
    return ["nginx", "-e", "stderr", "-p", str(folder), "-c", str(folder / "nginx.conf")]


def caddy(folder: Path, port: int, service: str) -> list[str]:
    """The command of a Caddy with our file."""
    text = (PACKAGING / "Caddyfile").read_text(encoding="utf-8").replace("127.0.0.1:8765", service)
    text = text.replace("my.domain.com {", f"http://:{port} {{\n\tbind 127.0.0.1")
    (folder / "Caddyfile").write_text("{\n\tadmin off\n}\n" + text, encoding="utf-8")
    return ["caddy", "run", "--adapter", "caddyfile", "--config", str(folder / "Caddyfile")]


def answers(port: int) -> bool:
    """Whether a server listens."""
    with suppress(OSError), socket.create_connection(("127.0.0.1", port), 0.2):
        return True
    return False


def post(proxy: str, path: str, form: dict[str, str], *, signed: str = "") -> requests.Response:
    """Send a webhook to a proxy like Twilio to the public URL; signed for the requested path."""
    pairs = tuple(form.items())
    headers = {
        "X-Twilio-Signature": sign(TOKEN, PUBLIC_URL + (signed or path), pairs),
        "Content-Type": "application/x-www-form-urlencoded",
        "Host": "my.domain.com",
    }
    request = requests.Request("POST", proxy, headers=headers, data=urlencode(pairs)).prepare()
    request.url = proxy + path
    with requests.Session() as session:
        session.trust_env = False
        return session.send(request, timeout=40)


def text(body: str) -> dict[str, str]:
    """The form of a text."""
    return {
        "From": "+15559876543",
        "To": "+15551234567",
        "Body": body,
        "MessageSid": f"SM{md5(body.encode()).hexdigest()}",
    }


@pytest.mark.parametrize("colon", [":", "%3A"])
@pytest.mark.parametrize("query", ["", "?menu=fire&x=a%20b"])
def test_signature_over_the_public_url(home: Stack, proxy: str, colon: str, query: str) -> None:
    """A text signed for the public URL is accepted, however its colons are written; the query stays unchanged."""
    body = f"through {proxy[-4:]} {colon} {query}"
    answer = post(proxy, f"{CALLBACK.replace(':', colon)}/sms{query}", text(body))
    assert (answer.status_code, answer.headers["Content-Type"].split(";")[0]) == (200, "text/xml")
    wait_until(lambda: body in bodies(home, "through"), 10, "the text")


def test_forged(home: Stack, proxy: str) -> None:
    """A signature for another URL is refused with the service's own answer."""
    answer = post(proxy, f"{CALLBACK}/sms", text("forged"), signed=f"{CALLBACK}/voice")
    assert (answer.status_code, answer.text) == (403, "Invalid signature")


@pytest.mark.parametrize(
    "path", ["/", "/live", "/ready", "/metrics", "/rest/items", "/twilio/bridge/x", "/twilio/callback/../../ready"]
)
def test_nothing_else_is_exposed(proxy: str, path: str) -> None:
    """Only callbacks come through."""
    assert post(proxy, path, {}).status_code == 404


def test_body_limit(proxy: str) -> None:
    """The service refuses a body over 256 KiB; the proxy refuses one over 512 KB."""
    answer = post(proxy, f"{CALLBACK}/sms", {"Body": "x" * 300_000})
    assert answer.status_code == 413
    assert "<html" not in answer.text.lower()
    assert post(proxy, f"{CALLBACK}/sms", {"Body": "x" * 1_000_000}).status_code in {413, 502}


def test_fourteen_seconds(home: Stack) -> None:
    """A call without a rule's answer hears the default after 14 s, and no proxy gives up before."""
    names = [name for name in ("nginx", "caddy") if shutil.which(name)]
    if not names:
        pytest.skip("neither nginx nor caddy is there: apt-get install nginx caddy")
    heard: dict[str, requests.Response] = {}

    def call(name: str) -> None:
        with running(name, home.service.url.removeprefix("http://")) as url:
            form = {
                "From": "+15559876543",
                "To": "+15551234567",
                "CallSid": f"CA{md5(name.encode()).hexdigest()}",
                "CallStatus": "ringing",
            }
            heard[name] = post(url, f"{CALLBACK}/voice", form)

    threads = [threading.Thread(target=call, args=(name,), name=f"call-{name}") for name in names]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    for name in names:
        assert heard[name].status_code == 200
        assert "Press any key" in heard[name].text
        assert heard[name].elapsed.total_seconds() > 13.5


@pytest.mark.parametrize("name", PROXIES)
def test_doctor_behind_our_proxies(tmp_path: Path, name: str) -> None:
    """The doctor's signed request arrives unchanged through nginx and Caddy with our files; what they add is reported."""
    listen = f"127.0.0.1:{free_port()}"
    with running(name, listen) as url:
        text = (SEEDS / "things" / "twilio.things").read_text(encoding="utf-8").replace(PUBLIC_URL, url)
        (tmp_path / "x.things").write_text(text, encoding="utf-8")
        given = settings(tmp_path, things=[str(tmp_path / "x.things")], webhook={"listen": listen})
        found = [one for one in results(given, "settings", "public-url") if one.id == "public-url"]
    assert not bad(found), found
    reached = only(found, "reaches this service")
    assert reached.facts["dropped"] == []
    assert ("x-forwarded-for" in str(reached.facts["added"])) == (name == "caddy")
