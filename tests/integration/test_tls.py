"""openHAB and the broker behind TLS with untrusted certificates, and the messages about problems."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from pydantic import SecretStr

from lab.standins.client import OpenHABStandIn
from tests.certificates import Authority, TLSServer
from tests.waiting import wait_until
from twilio_binding.actions import connect, phone
from twilio_binding.errors import DependencyDownError
from twilio_binding.mqtt.connection import BrokerConnection
from twilio_binding.openhab import OpenHABRequests, RestClient
from twilio_binding.openhab.event_stream import EventStream
from twilio_binding.sandbox.broker import BrokerProcess
from twilio_binding.sandbox.demo_rule import PHONE
from twilio_binding.sandbox.openhab import OpenHABOptions
from twilio_binding.sandbox.service_process import SEEDS, ServiceProcess
from twilio_binding.settings import OpenHABSettings

pytestmark = pytest.mark.skipif(not shutil.which("openssl"), reason="openssl is missing")
TOKEN = "oh.tls.01234"


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    """A certificate authority that no system knows."""
    folder = tmp_path_factory.mktemp("ca")
    folder.chmod(0o755)
    return Authority(folder)


@pytest.fixture(scope="module")
def openhab() -> Iterator[OpenHABStandIn]:
    """openHAB, without TLS."""
    with OpenHABStandIn(OpenHABOptions(token=TOKEN)) as running:
        yield running


def test_service_with_certificates_of_ones_own(authority: Authority, openhab: OpenHABStandIn, tmp_path: Path) -> None:
    """With `ca_file`, a file or a folder, all connections to openHAB and the broker work, also those of programs."""
    certificate, key = authority.certificate("good")
    folder = tmp_path / "certificates"
    folder.mkdir()
    (folder / "ca.crt").write_bytes(authority.file.read_bytes())
    (folder / "README").write_text("no certificate")
    with ExitStack() as cleanup:
        server = cleanup.enter_context(TLSServer(urlsplit(openhab.url).port or 0, certificate, key))
        broker = BrokerProcess(kind="mosquitto", more="certfile {folder}/good.pem\nkeyfile {folder}/good.key\n")
        for file in (certificate, key):
            shutil.copy(file, broker.folder / file.name)
        cleanup.enter_context(broker)
        settings = {
            "OPENHAB__URL": f"https://127.0.0.1:{server.port}",
            "OPENHAB__TOKEN": f" {TOKEN}\n",
            "OPENHAB__CA_FILE": str(folder),
            "MQTT__URL": f"mqtts://127.0.0.1:{broker.port}",
            "MQTT__CA_FILE": str(authority.file),
            "THINGS": json.dumps([str(SEEDS / "things" / "*.things")]),
            "TWILIO__API_URL": "http://127.0.0.1:1",
        }
        service = cleanup.enter_context(ServiceProcess(tmp_path, settings))
        service.wait_ready("openhab", "mqtt")
        client = cleanup.enter_context(connect(f"mqtts://127.0.0.1:{broker.port}", ca_file=str(authority.file)))
        assert phone(PHONE, client).respondWithTwiml("CA1", "<Response/>").code == "unknown_call"
        command = [sys.executable, "-m", "twilio_binding", "things"]
        environment = {f"TWILIO_BINDING_{name}": value for name, value in settings.items()}
        shown = subprocess.run(command, env=environment, cwd=tmp_path, capture_output=True, text=True, check=False)
        assert PHONE in shown.stdout


def _settings(url: str, ca_file: str = "") -> OpenHABSettings:
    return OpenHABSettings(url=url, token=SecretStr(TOKEN), ca_file=ca_file)


FAULTS = {
    "unknown authority": ("127.0.0.1", 30, False, "set SETTING to a PEM file"),
    "expired": ("127.0.0.1", -1, True, "has expired"),
    "another host": ("other.lan", 30, True, "another host name"),
}


@pytest.mark.parametrize("fault", sorted(FAULTS))
def test_what_is_wrong_with_a_certificate(
    authority: Authority, openhab: OpenHABStandIn, tmp_path: Path, fault: str
) -> None:
    """Each connection reports what is wrong, and names the setting that helps, if any."""
    host, days, trusted, told = FAULTS[fault]
    certificate, key = authority.certificate(fault.replace(" ", "-"), host=host, days=days)
    ca_file = str(authority.file) if trusted else ""
    reasons: list[str] = []
    with TLSServer(urlsplit(openhab.url).port or 0, certificate, key) as server:
        url = f"https://127.0.0.1:{server.port}"
        requests = OpenHABRequests(_settings(url, ca_file))
        rest = RestClient(requests)
        stream = EventStream(
            _settings(url, ca_file), on_open=lambda: None, on_event=lambda *_: None, on_lost=reasons.append
        )
        stream.start()
        try:
            wait_until(lambda: reasons, 10)
            script = lambda: requests.call_script("/twilio/bridge/events", b"{}", {})  # noqa: E731
            for call in (rest.links, lambda: rest.put_state("X", "1"), script):
                with pytest.raises(DependencyDownError) as caught:
                    call()
                reasons.append(str(caught.value))
        finally:
            stream.stop()
            requests.close()
        broker = BrokerConnection(f"mqtts://127.0.0.1:{server.port}", client_id="x", ca_file=ca_file)
        broker.failed.subscribe(reasons.append)
        broker.start()
        wait_until(lambda: "mqtt.url" in reasons[-1], 10)
        broker.stop()
    assert all(told.replace("SETTING", "openhab.ca_file") in reason for reason in reasons[:-1]), reasons
    assert told.replace("SETTING", "mqtt.ca_file") in reasons[-1]


def test_certificate_that_signs_itself(openhab: OpenHABStandIn, tmp_path: Path) -> None:
    """A server's own certificate works as `ca_file`; without it, the reason says that it is self-signed."""
    certificate, key = tmp_path / "own.pem", tmp_path / "own.key"
    make = ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-keyout", str(key), "-out", str(certificate)]
    name = ["-subj", "/CN=openhab", "-addext", "subjectAltName=IP:127.0.0.1"]
    subprocess.run([*make, *name], check=True, capture_output=True)
    with TLSServer(urlsplit(openhab.url).port or 0, certificate, key) as server:
        url = f"https://127.0.0.1:{server.port}"
        trusting = OpenHABRequests(_settings(url, str(certificate)))
        assert trusting.read("/uuid", "text/plain", 1000)
        trusting.close()
        doubting = OpenHABRequests(_settings(url))
        with pytest.raises(DependencyDownError, match=r"self-signed; set openhab\.ca_file"):
            doubting.read("/uuid", "text/plain", 1000)
        doubting.close()


def test_script_behind_tls(authority: Authority, openhab: OpenHABStandIn, tmp_path: Path) -> None:
    """The script is reached with `ca_file`; with that of another authority, the reason names cause and setting."""
    certificate, key = authority.certificate("script")
    with TLSServer(urlsplit(openhab.url).port or 0, certificate, key) as server:
        url = f"https://127.0.0.1:{server.port}"
        trusting = OpenHABRequests(_settings(url, str(authority.file)))
        statuses = [trusting.call_script("/twilio/bridge/events", b"{}", {})[0] for _ in range(2)]
        trusting.close()
        doubting = OpenHABRequests(_settings(url, str(Authority(tmp_path).file)))
        with pytest.raises(DependencyDownError, match=r"authority that is not trusted; set openhab\.ca_file"):
            doubting.call_script("/twilio/bridge/events", b"{}", {})
        doubting.close()
    assert statuses == [404, 404]  # this openHAB has no script


def test_tls_to_a_port_without(openhab: OpenHABStandIn) -> None:
    """Https to a port that speaks http is reported as such."""
    requests = OpenHABRequests(_settings(openhab.url.replace("http:", "https:")))
    with pytest.raises(DependencyDownError, match="check that the port uses TLS"):
        requests.read("/uuid", "text/plain", 1000)
    requests.close()
