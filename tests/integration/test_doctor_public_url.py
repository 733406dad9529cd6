"""The doctor's link to the public URL: name, certificate, and changes by a proxy."""

from __future__ import annotations

import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
import urllib3

from lab.standins.stack import Stack, stack
from tests.certificates import Authority, TLSServer
from tests.doctor import bad, only, results, settings, silent_server
from tests.mqtt_service import somebody
from tests.standins import Answer, receiver
from tests.waiting import wait_until
from twilio_binding.accounts.configured_things import ConfiguredThings
from twilio_binding.doctor import LinkResult
from twilio_binding.doctor.probing import send_probe
from twilio_binding.dsl import ThingsFiles
from twilio_binding.protocol import signing
from twilio_binding.protocol.announcement import Announcement
from twilio_binding.sandbox.broker import BrokerProcess
from twilio_binding.sandbox.ports import free_port
from twilio_binding.sandbox.service_process import SEEDS
from twilio_binding.settings import Settings
from twilio_binding.webhooks.probe import ProbeDesk
from twilio_binding.webhooks.probe_listener import ProbeListener

GOOD = (SEEDS / "things" / "twilio.things").read_text(encoding="utf-8")
CALLBACK = "/twilio/callback/twilio:phone:myaccount:myphone"


def things(folder: Path, public_url: str) -> list[str]:
    """The example's things with another public URL."""
    (folder / "x.things").write_text(GOOD.replace("https://my.domain.com", public_url), encoding="utf-8")
    return [str(folder / "x.things")]


def look(given: Settings, *more: str) -> list[LinkResult]:
    """The doctor's results for the public URL."""
    return [one for one in results(given, "settings", *more, "public-url") if one.id == "public-url"]


Change = Callable[[str, dict[str, str]], tuple[str, dict[str, str]]]


@contextmanager
def proxy(port: int, change: Change = lambda path, headers: (path, headers)) -> Iterator[str]:
    """A reverse proxy in front of a port, which may change path and headers; its URL."""

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
            path, headers = change(self.path, dict(self.headers.items()))
            answer = urllib3.request(
                "POST", f"http://127.0.0.1:{port}{path}", body=body, headers=headers, retries=False
            )
            self.send_response(answer.status)
            self.send_header("Content-Length", str(len(answer.data)))
            self.end_headers()
            self.wfile.write(answer.data)

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, args=(0.02,))
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def without(name: str) -> Change:
    """A proxy that drops a header."""
    return lambda path, headers: (path, {key: value for key, value in headers.items() if key.lower() != name.lower()})


def test_good_url_while_no_service_runs(tmp_path: Path) -> None:
    """The doctor listens in place of the service for a moment, and reports what the proxy adds; nothing listens afterwards."""
    port = free_port()
    added: Change = lambda path, headers: (path, headers | {"X-Forwarded-For": "203.0.113.7", "Via": "1.1 edge"})  # noqa: E731
    with proxy(port, added) as url:
        given = settings(tmp_path, things=things(tmp_path, url), webhook={"listen": f"127.0.0.1:{port}"})
        found = look(given)
        again = look(given)
    for one in (found, again):
        assert not bad(one)
        reached = only(one, "reaches this service")
        assert "a proxy adds via, x-forwarded-for" in reached.text
        assert reached.facts["dropped"] == []


@pytest.mark.skipif(not socket.has_dualstack_ipv6(), reason="no IPv6")
def test_proxy_that_uses_ipv4(tmp_path: Path) -> None:
    """If webhook.listen is the address for IPv6 and IPv4, the doctor listens for both, as the service does."""
    port = free_port()
    with proxy(port) as url:
        found = look(settings(tmp_path, things=things(tmp_path, url), webhook={"listen": f"[::]:{port}"}))
    assert not bad(found)
    assert only(found, "reaches this service")


@pytest.mark.parametrize(
    ("change", "cause", "cure"),
    [
        (without("X-Twilio-Signature"), "drops the header X-Twilio-Signature", "every request is refused"),
        (lambda path, headers: (path.replace("%20", "+"), headers), "changes path or query", "with path, query"),
        (lambda path, headers: (path.partition("?")[0], headers), "changes path or query", "with path, query"),
        (lambda path, headers: (path.replace(":", "%253A"), headers), "", ""),
    ],
)
def test_proxies_that_change_requests(tmp_path: Path, change: Change, cause: str, cure: str) -> None:
    """What a proxy drops or changes so that Twilio's signatures become wrong is named."""
    port = free_port()
    with proxy(port, change) as url:
        found = bad(look(settings(tmp_path, things=things(tmp_path, url), webhook={"listen": f"127.0.0.1:{port}"})))
    assert [one.status for one in found] == ["failed"]
    assert cause in found[0].cause
    assert cure in found[0].cure


def test_proxy_that_drops_the_idempotency_token(tmp_path: Path) -> None:
    """It is a warning: the service then uses the SID."""
    port = free_port()
    with proxy(port, without("I-Twilio-Idempotency-Token")) as url:
        found = bad(look(settings(tmp_path, things=things(tmp_path, url), webhook={"listen": f"127.0.0.1:{port}"})))
    assert [one.status for one in found] == ["warning"]
    assert "drops the header I-Twilio-Idempotency-Token" in found[0].cause


@pytest.mark.parametrize(
    ("answer", "cause", "cure"),
    [
        (
            Answer(body="<h1>It works</h1>", content_type="text/html"),
            "points to another server, which answers 200",
            "forward",
        ),
        (
            Answer(body="Not found", status=404),
            "points to another server, which answers 404",
            "forward /twilio/callback/",
        ),
        (Answer(body="bad gateway", status=502), "does not reach the service", "forward /twilio/callback/"),
        (Answer(body="login", status=401), "asks for a password", "https://user:password@host"),
        (Answer(body="", status=301), "answers with a redirect", "set publicUrl to the address"),
        (Answer(body="", status=413), "refuses the size", "bodies of 256 kB"),
        (
            Answer(body="Invalid signature", status=403),
            "points to a service with another data folder",
            "forward",
        ),
        (
            Answer(body="Unknown endpoint: probe", status=404),
            "points to a service with another data folder",
            "forward",
        ),
        (Answer(body=b"\xff\xfe\n{", status=200), "points to another server", "forward"),
        (Answer(status=0), "nothing answers at", "router"),
    ],
)
def test_somebody_else_behind_the_name(tmp_path: Path, answer: Answer, cause: str, cure: str) -> None:
    """Another server, a proxy that reaches nothing, one that asks for a password: each with its cure."""
    with receiver() as server:
        server.answer(f"{CALLBACK}/probe", answer)
        found = bad(look(settings(tmp_path, things=things(tmp_path, server.url))))
    assert [one.status for one in found] == ["failed"]
    assert cause in found[0].cause
    assert cure in found[0].cure


def test_nobody_behind_the_name(tmp_path: Path) -> None:
    """No server, or no such name: the doctor says what it sees from here, and that a router may be the cause."""
    found = bad(look(settings(tmp_path, things=things(tmp_path, f"http://127.0.0.1:{free_port()}"))))
    assert "nothing answers at" in found[0].cause
    assert "router" in found[0].cure
    found = bad(look(settings(tmp_path, things=things(tmp_path, "https://nobody.invalid"))))
    assert [one.cause for one in found] == ["the name nobody.invalid cannot be resolved"]


def test_port_of_the_service_is_taken(tmp_path: Path) -> None:
    """Another program at webhook.listen, while no service runs."""
    with receiver() as server:
        listen = server.url.removeprefix("http://")
        found = bad(look(settings(tmp_path, things=things(tmp_path, server.url), webhook={"listen": listen})))
    assert [one.cause for one in found] == [f"another program listens at webhook.listen ({listen})"]


def test_no_public_url(tmp_path: Path) -> None:
    """Without a public URL there is a note, and no failure."""
    (tmp_path / "x.things").write_text(GOOD.replace(', publicUrl="https://my.domain.com"', ""), encoding="utf-8")
    found = look(settings(tmp_path, things=[str(tmp_path / "x.things")]))
    assert [(one.status, one.text.startswith("note: there is no public URL")) for one in found] == [("ok", True)]


# ---- certificates


@pytest.fixture
def authority(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Authority:
    """A certificate authority that this machine trusts."""
    (tmp_path / "ca").mkdir()
    made = Authority(tmp_path / "ca")
    monkeypatch.setenv("SSL_CERT_FILE", str(made.file))
    return made


@contextmanager
def secured(folder: Path, authority: Authority, **given: Any) -> Iterator[Settings]:
    """Settings with a public URL at a TLS server in front of webhook.listen."""
    port = free_port()
    certificate, key = authority.certificate("server", **given)
    with TLSServer(port, certificate, key) as server:
        url = f"https://127.0.0.1:{server.port}"
        yield settings(folder, things=things(folder, url), webhook={"listen": f"127.0.0.1:{port}"})


def test_good_certificate(tmp_path: Path, authority: Authority) -> None:
    """Issuer and remaining days are reported; a probe goes through."""
    with secured(tmp_path, authority, days=60) as given:
        found = look(given)
    assert not bad(found)
    assert only(found, "the certificate is trusted").facts["days_left"] in (59, 60)
    assert only(found, "reaches this service")


@pytest.mark.parametrize(
    ("given", "cause", "cure"),
    [
        ({"days": -1}, "has expired", "renew the certificate"),
        ({"host": "other.example"}, "is for another name", "get a certificate for 127.0.0.1"),
        ({"days": 5}, "the certificate expires in", "renew the certificate"),
    ],
)
def test_bad_certificates(tmp_path: Path, authority: Authority, given: dict[str, Any], cause: str, cure: str) -> None:
    """Expired, for another name, and expiring soon."""
    with secured(tmp_path, authority, **given) as to_try:
        found = bad(look(to_try))
    assert len(found) == 1
    assert cause in found[0].cause
    assert cure in found[0].cure
    assert found[0].status == ("warning" if given.get("days") == 5 else "failed")


def test_tls_that_hangs(tmp_path: Path) -> None:
    """A server that accepts the connection and never completes the handshake is a failure."""
    with silent_server() as port:
        found = bad(look(settings(tmp_path, things=things(tmp_path, f"https://127.0.0.1:{port}"))))
    assert [one.status for one in found] == ["failed"]
    assert "cannot be reached from here (no answer in time)" in found[0].cause


def test_certificate_that_nobody_trusts(tmp_path: Path) -> None:
    """Twilio does not trust a self-signed certificate, so it sends nothing."""
    (tmp_path / "ca").mkdir()
    with secured(tmp_path, Authority(tmp_path / "ca")) as given:
        found = bad(look(given))
    assert "an authority that is not trusted" in found[0].cause
    assert "fullchain.pem" in found[0].cure


def test_https_where_no_tls_is(tmp_path: Path) -> None:
    """The proxy speaks plain HTTP on the port of an https:// URL."""
    with receiver() as server:
        url = server.url.replace("http:", "https:")
        found = bad(look(settings(tmp_path, things=things(tmp_path, url))))
    assert "does not use TLS" in found[0].cause


# ---- beside the running service


@pytest.fixture(scope="module")
def home() -> Iterator[Stack]:
    """A service behind a proxy."""
    with ExitStack() as cleanup, stack() as up:
        port = int(up.service.url.rpartition(":")[2])
        up.public_url = cleanup.enter_context(proxy(port))  # type: ignore[attr-defined]
        up.things.write_text(GOOD.replace("https://my.domain.com", up.public_url), encoding="utf-8")  # type: ignore[attr-defined]
        url = f"{up.public_url}/twilio/callback"  # type: ignore[attr-defined]
        wait_until(lambda: url in str(up.twilio.console.number()["sms_url"]), 15, "the things to be read")
        yield up


def of(home: Stack, folder: Path, **more: Any) -> Settings:
    """The settings of the running service."""
    sections: dict[str, Any] = {
        "data_dir": home.folder / "data",
        "things": [str(home.things)],
        "admin": {"listen": home.service.admin_url.removeprefix("http://")},
        "webhook": {"listen": home.service.url.removeprefix("http://")},
    }
    return settings(folder, **(sections | more))


def test_running_service_is_reached(home: Stack, tmp_path: Path) -> None:
    """A signed request through the public name reaches the running process, which stores nothing of it."""
    before = home.service.metric("webhooks")
    found = look(of(home, tmp_path), "service")
    assert not bad(found)
    assert only(found, "a signed request through")
    assert home.service.metric("webhooks") == before


def test_other_data_folder(home: Stack, tmp_path: Path) -> None:
    """A doctor with another data folder reports that, and proves nothing wrong."""
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "relay-secret").write_text("0123456789abcdef0123456789abcdef", encoding="ascii")
    given = of(home, tmp_path, data_dir=tmp_path / "data")
    found = bad(look(given, "service"))
    assert ["is not the service with this data_dir" in one.cause for one in found] == [True]
    told = only(results(given, "service"), "uses another data folder than data_dir of these settings")
    assert (told.status, str(tmp_path / "data") in told.cause) == ("failed", True)


def test_other_service_with_the_same_data(home: Stack, tmp_path: Path) -> None:
    """A copy of the data folder is in use elsewhere, and the public name points there."""
    secret = (home.folder / "data" / "relay-secret").read_text(encoding="ascii")
    other = ConfiguredThings()
    port = free_port()
    with ProbeListener(ProbeDesk(secret, other), "127.0.0.1", port), proxy(port) as url:
        given = of(home, tmp_path, things=things(tmp_path, url))
        files = ThingsFiles(given.things_files)
        other.read_from(files)
        files.load()
        other.take_over()
        found = bad(look(given, "service"))
    assert [(one.status, one.cause) for one in found] == [
        ("warning", "the public URL points to another service with a copy of this data folder: it has the same secret")
    ]
    assert "forward /twilio/callback/ to this machine" in found[0].cure


def test_service_at_other_addresses(home: Stack, tmp_path: Path) -> None:
    """A service that uses the data folder, but listens elsewhere than the settings say, is not called another one."""
    url: str = home.public_url  # type: ignore[attr-defined]
    nowhere = {"listen": f"127.0.0.1:{free_port()}"}
    given = of(
        home, tmp_path, admin=nowhere, webhook={"listen": f"127.0.0.1:{free_port()}"}, things=things(tmp_path, url)
    )
    assert only(results(given, "service"), f"a service uses data_dir {home.folder / 'data'}, but nothing listens").cure
    assert only(look(given, "service"), "the public URL points to the service with this data_dir").cure
    beside = of(home, tmp_path, admin=nowhere, mqtt={"url": home.broker.url})
    assert [one for one in results(beside, "service", "broker") if "another service" in one.cause] == []


def test_other_things_than_those_in_use(home: Stack, tmp_path: Path) -> None:
    """If files have another token than the service uses, the service's signatures are named as wrong, not the proxy."""
    url: str = home.public_url  # type: ignore[attr-defined]
    other = things(tmp_path, url)
    Path(other[0]).write_text(Path(other[0]).read_text().replace("your_auth_token", "a" * 32), encoding="utf-8")
    found = bad(look(of(home, tmp_path, things=other), "service"))
    assert ["the running service has another authToken" in one.cause for one in found] == [True]


def test_strangers_learn_nothing_of_probes(home: Stack) -> None:
    """A probe without the secret, with a wrong one, late or malformed gets the same answer as any other request."""
    configured = ConfiguredThings()
    files = ThingsFiles([str(home.things)])
    configured.read_from(files)
    files.load()
    configured.take_over()
    phone = next(iter(configured.current().phones.values()))
    account = configured.current().account_of(phone)
    base = f"{home.service.url}/twilio/callback"
    assert (
        send_probe(base, account, phone, "f" * 48).status == 404
    )  # it has Twilio's signature, but the endpoint does not exist
    secret = (home.folder / "data" / "relay-secret").read_text()
    assert send_probe(base, account, phone, secret).told is not None
    text = "x"
    proof = signing.sign(secret, "probe", text.encode(), now=0.0, nonce="n")
    for body in (f"Text={text}&Proof={proof}", "Text=x&Proof=1.x.y.z", "Proof=", "%", "Text=%ff"):
        answer = urllib3.request(
            "POST",
            f"{base}/{phone.uid}/probe",
            body=body,
            headers={"Content-Type": "application/x-www-form-urlencoded"},
            retries=False,
        )
        assert answer.status in (400, 403), body
    assert urllib3.request("GET", f"{base}/{phone.uid}/probe", retries=False).status == 404


def test_url_of_openhab_cloud(tmp_path: Path, broker: BrokerProcess) -> None:
    """Through a URL of openHAB Cloud, which parses queries and passes few headers, a signed request still arrives."""
    port = free_port()

    def as_the_cloud(path: str, headers: dict[str, str]) -> tuple[str, dict[str, str]]:
        path, _, query = path.replace("/hook/abc", "/twilio/callback").partition("?")
        kept = {name: value for name, value in headers.items() if name in ("X-Twilio-Signature", "Content-Type")}
        return f"{path}?{'&'.join(reversed(query.split('&')))}", kept

    (tmp_path / "x.things").write_text(
        GOOD.replace('publicUrl="https://my.domain.com"', "useCloudWebhook=true"), encoding="utf-8"
    )
    with proxy(port, as_the_cloud) as url, somebody(broker.url) as (connection, _):
        told = Announcement(instance="i", bridge="b", cloud_url=f"{url}/hook/abc", cloud_expires=4e9).encode()
        connection.publish("twilio/bridge", told, retain=True).wait_for_publish(5)
        given = settings(
            tmp_path,
            things=[str(tmp_path / "x.things")],
            mqtt={"url": broker.url},
            webhook={"listen": f"127.0.0.1:{port}"},
        )
        found = look(given, "broker")
        connection.publish("twilio/bridge", b"", retain=True).wait_for_publish(5)
    assert [one.status for one in bad(found)] == ["warning"]
    assert "I-Twilio-Idempotency-Token" in bad(found)[0].cause
    assert only(found, f"a signed request through {url}/hook/abc reaches this service")
