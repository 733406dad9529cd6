"""All counters and measurements, in their own registry."""

from __future__ import annotations

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest

_SECONDS = (0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 15)


class Metrics:
    """The metrics of a process. Labels contain no numbers, texts or secrets."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        self.webhooks = self._counter("webhooks", "Webhooks of Twilio by endpoint and outcome", "endpoint", "outcome")
        self.webhooks_limited = self._counter(
            "webhooks_limited", "Webhooks beyond a limit: answered, stored and not delivered", "endpoint", "by"
        )
        self.webhook_seconds = self._histogram("webhook_seconds", "Time to answer a webhook", "endpoint")
        self.held = Gauge("twilio_binding_held_calls", "Requests held for a rule's answer", registry=self.registry)
        self.answers = self._counter("call_answers", "Answers to calls by their source", "by")
        self.responses = self._counter("rule_responses", "respondWithTwiml requests by result", "verdict")
        self.actions = self._counter("actions", "Action requests by action and outcome", "action", "outcome")
        self.action_seconds = self._histogram("action_seconds", "Time from request to reply", "action")
        self.sends = self._counter("sends", "Messages and calls that Twilio accepted, by kind", "kind")
        self.sends_refused = self._counter(
            "sends_refused", "Sends to one recipient that a limit or an opt-out stopped, by rule", "rule"
        )
        self.deliveries = self._counter("deliveries", "Events delivered by lane and outcome", "lane", "outcome")
        self.delivery_seconds = self._histogram("delivery_seconds", "Age of an event when delivered", "lane")
        self.backlog = Gauge("twilio_binding_backlog", "Events not yet delivered", ["lane"], registry=self.registry)
        self.set_aside = Gauge(
            "twilio_binding_set_aside",
            "Events set aside because they can never be delivered",
            ["lane"],
            registry=self.registry,
        )
        self.refires = self._counter("relay_refires", "Events sent to openHAB again because it did not confirm them")
        self.items_set_aside = Gauge(
            "twilio_binding_items_set_aside",
            "1 for each item that gets no states from a channel it is linked to",
            ["item", "channel"],
            registry=self.registry,
        )
        self.media = self._counter("media", "Pictures that were fetched or shown, by outcome", "outcome")
        self.neighbour = Gauge(
            "twilio_binding_neighbour_up",
            "1 while the dependency (openhab) can be used",
            ["neighbour"],
            registry=self.registry,
        )

    def text(self) -> bytes:
        """All metrics in Prometheus' text form."""
        return generate_latest(self.registry)

    def _counter(self, name: str, help_text: str, *labels: str) -> Counter:
        return Counter(f"twilio_binding_{name}", help_text, labels, registry=self.registry)

    def _histogram(self, name: str, help_text: str, *labels: str) -> Histogram:
        return Histogram(f"twilio_binding_{name}", help_text, labels, registry=self.registry, buckets=_SECONDS)
