"""Host names under which the admin listener answers."""

from __future__ import annotations

import pytest
from flask.testing import FlaskClient

from twilio_binding.console.host_names import HostNames
from twilio_binding.console.monitoring import create_app
from twilio_binding.metrics import Metrics


def _client(*names: str, token: str = "") -> FlaskClient:
    return create_app(Metrics(), lambda: {"store": {"up": True}}, token=token, names=HostNames(names)).test_client()


@pytest.mark.parametrize(
    "host", ["127.0.0.1:8766", "localhost", "[::1]:8766", "192.168.1.5", "twilio-binding:8766", "my.example.com:8766"]
)
def test_names_that_nobody_else_owns(host: str) -> None:
    """Addresses, names without a dot, such as those of containers, and listed names, in any case, are answered."""
    client = _client("My.Example.com")
    for path in ("/live", "/ready", "/metrics"):
        assert client.get(path, headers={"Host": host}).status_code == 200, path


@pytest.mark.parametrize("host", ["evil.example.com", "127.0.0.1.evil.com:8766", "localhost.evil.com", "evil.com."])
def test_names_of_others(host: str) -> None:
    """Under a name that others may own, only `/live` answers; the refusal says which setting permits the name."""
    client = _client("my.example.com")
    for path in ("/ready", "/metrics"):
        refused = client.get(path, headers={"Host": host})
        assert refused.status_code == 421, path
        assert f"add the name to the settings: [admin] hosts = ['{host.partition(':')[0]}']" in refused.text
    assert client.get("/live", headers={"Host": host}).status_code == 200


@pytest.mark.parametrize(
    "host", ["127.0.0.1@evil.com", "localhost:8766:evil.com", "a b", "localhost/evil.com", "..", "a..b", "a" * 64]
)
def test_invalid_names(host: str) -> None:
    """What is no host name is refused, and not repeated."""
    refused = _client().get("/ready", headers={"Host": host})
    assert refused.status_code == 421 and host not in refused.text


def test_token_instead_of_a_name() -> None:
    """No page in a browser knows the token, so whoever has it may use any name; others learn nothing under any."""
    client = _client(token="t0ken")
    for host in ("localhost", "monitoring.example.com"):
        assert client.get("/ready", headers={"Host": host}).status_code == 401
        assert client.get("/ready", headers={"Host": host, "Authorization": "Bearer t0ken"}).status_code == 200
