"""What is known of an openHAB where the relay rule cannot run: there only the script takes events."""

from __future__ import annotations

from time import monotonic

from tests.standins import Answer, receiver
from tests.waiting import wait_until
from twilio_binding.metrics import Metrics
from twilio_binding.openhab import OpenHABRequests, RestClient
from twilio_binding.openhab.delivery.expected_script import ExpectedScript
from twilio_binding.openhab.delivery.relay_rule import RelayRule
from twilio_binding.openhab.delivery.restore import Restorer
from twilio_binding.openhab.delivery.script import ScriptClient
from twilio_binding.openhab.delivery.set_aside import SetAside
from twilio_binding.openhab.link_check import LinkCheck
from twilio_binding.openhab.locale import Locale
from twilio_binding.openhab.preparation import Preparation
from twilio_binding.openhab.registries.current import Registries
from twilio_binding.openhab.registries.items import ItemValues
from twilio_binding.openhab.startup import OpenHABStart
from twilio_binding.openhab.status import ConnectionStatus
from twilio_binding.settings import OpenHABSettings

_ANSWERS = {
    "/rest/": '{"locale": "de"}',
    "/rest/links": "[]",
    "/rest/rules": "[]",
    "/rest/systeminfo": '{"systemInfo": {"startLevel": 100, "uptime": 1000}}',
}


def test_language_where_the_relay_rule_never_runs() -> None:
    """The language is read anyway, because texts are answered in it."""
    with receiver() as openhab:
        for path, body in _ANSWERS.items():
            openhab.answer(path, body)
        openhab.answer("/rest/rules/twilio-relay", Answer(status=500, body="{}"))
        requests = OpenHABRequests(OpenHABSettings(url=openhab.url))
        rest, script, aside = RestClient(requests), ScriptClient("s"), SetAside(Metrics())
        rule, registries, locale = RelayRule(rest, "s"), Registries(rest, None), Locale(rest)
        status = ConnectionStatus(script, rule, Metrics())
        preparation = Preparation(
            status,
            registries,
            Restorer(rest, ItemValues(requests), registries.links, aside, dict),
            OpenHABStart(requests, script, ExpectedScript(None), locale),
            LinkCheck(status, registries.links, tuple, aside),
            relay_rule=rule,
        )
        status.opened()
        preparation.start()
        wait_until(lambda: status.reason.startswith("openHAB"))
        assert status.state.is_prepared
        assert not status.is_ready
        preparation.stop()
        preparation.join(monotonic() + 5)
        requests.close()
    assert locale.language == "de"
