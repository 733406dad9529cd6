"""What the connection tells of itself, and when."""

from __future__ import annotations

from twilio_binding.metrics import Metrics
from twilio_binding.openhab import OpenHABRequests, RestClient
from twilio_binding.openhab.delivery.relay_rule import RelayRule
from twilio_binding.openhab.delivery.script import ScriptClient
from twilio_binding.openhab.status import ConnectionStatus
from twilio_binding.settings import OpenHABSettings


def test_prepared_before_there_is_a_way() -> None:
    """Held states of items wait for the registries, not for the relay rule; and not for an openHAB that went down."""
    requests = OpenHABRequests(OpenHABSettings(url="http://127.0.0.1:9"))
    status = ConnectionStatus(ScriptClient("s"), RelayRule(RestClient(requests), "s"), Metrics())
    told: list[str] = []
    status.was_prepared.subscribe(lambda: told.append("prepared"))
    status.ready.subscribe(lambda: told.append("ready"))
    status.opened()
    status.lost("gone")
    status.prepared()
    assert told == []
    status.opened()
    status.prepared()
    assert told == ["prepared"]
    status.relay_rule_ready()
    assert told == ["prepared", "ready"]
    requests.close()
