"""The broker: whether the service can log in, and may read and write its topics."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress

from twilio_binding.doctor.case import Case
from twilio_binding.doctor.links.link import Link
from twilio_binding.doctor.results import LinkResult, failed, ok, warning
from twilio_binding.mqtt import BrokerTrial, Echo
from twilio_binding.protocol.announcement import Announcement
from twilio_binding.protocol.errors import Refusal, TwilioBindingError
from twilio_binding.protocol.topics import Topics

_CONNECT, _ECHO, _RETAINED = 6.0, 3.0, 1.0
_ACCESS = "in the broker's access list, let the user of mqtt.url read and write everything below the base topic: `topic readwrite {}/#`"


def open_trial(case: Case) -> BrokerTrial:
    """A connection to the broker of the settings."""
    settings = case.settings.mqtt
    return BrokerTrial(settings.url.get_secret_value(), ca_file=settings.ca_file)


def look(case: Case) -> Iterator[LinkResult]:
    """Connects, publishes to itself on each kind of topic, and reads the retained messages."""
    try:
        trial = open_trial(case)
    except TwilioBindingError as error:
        yield failed(str(error), "correct mqtt.url or mqtt.ca_file")
        return
    with trial:
        if not trial.wait(_CONNECT):
            yield failed(trial.reason or "the broker does not answer", _cure(trial.reason))
            return
        case.is_broker_up = True
        version = "5" if trial.terms.is_mqtt_5 else "3.1.1"
        yield ok(f"connected with MQTT {version}", {"mqtt_version": version})
        topics = Topics(base=case.settings.mqtt.base_topic)
        yield from _access(trial, topics)
        yield from _standing(case, trial, topics)


def _cure(reason: str) -> str:
    if any(word in reason for word in ("authori", "user name", "password", "Bad")):
        return "set user and password in mqtt.url (mqtt://user:password@host), and allow that user in the broker's password file"
    if "certificate" in reason or "TLS" in reason:
        return "for a certificate of your own, set mqtt.ca_file; for TLS, write mqtts://"
    if "connection refused" in reason:
        return "start the broker, such as mosquitto, or correct host and port in mqtt.url"
    return "check whether the broker runs, and whether host and port in mqtt.url are right"


def _access(trial: BrokerTrial, topics: Topics) -> Iterator[LinkResult]:
    """Topics that the service reads must come back to us; topics that it only writes must be accepted."""
    cure, worst = _ACCESS.format(topics.base), False
    read = {topics.kind(topic): topic for topic in (topics.probe, topics.listener(trial.name))}
    write = (topics.event("doctor", trial.name), topics.state("doctor", trial.name), topics.reply(trial.name, "doctor"))
    written = {topics.kind(topic): topic for topic in write}
    for kind, topic in {**read, **written}.items():
        # A listener's topic carries nothing that ends; and the service ignores probes with another mark.
        echo = trial.echo(topic, b"" if topic.startswith(f"{topics.base}/listener/") else trial.name.encode(), _ECHO)
        cause, is_failure = _denied(kind, echo, is_read=kind in read, gives_reasons=trial.terms.is_mqtt_5)
        if cause:
            worst = True
            yield (failed if is_failure else warning)(cause, cure, {"topic": kind})
    if not worst:
        yield ok(f"reads and writes below {topics.base}/", {"topics": sorted([*read, *written])})


def _denied(kind: str, echo: Echo, *, is_read: bool, gives_reasons: bool) -> tuple[str, bool]:
    """What the access list forbids, "" if nothing is known; and whether the service certainly needs it."""
    if is_read and echo.subscription:
        return f"the broker refuses the subscription to {kind} ({echo.subscription})", True
    if not is_read and echo.message:
        return f"the broker refuses messages to {kind} ({echo.message})", True
    if echo.message or echo.subscription or echo.seconds is not None:
        return "", False  # the service needs nothing more
    if is_read:
        # Without reason codes, it may be the right to write that is missing, which the service does not need here.
        return (
            f"the broker accepts the subscription to {kind}, but delivers nothing: it denies reading silently",
            gives_reasons,
        )
    return (
        f"messages to {kind} do not come back: the broker drops them silently, or this user may not read them",
        False,
    )


def _standing(case: Case, trial: BrokerTrial, topics: Topics) -> Iterator[LinkResult]:
    """Check what service and script have published, and whether another service uses this broker."""
    for topic in (topics.status, topics.bridge):
        refusal = trial.subscribe(topic, _ECHO)
        if refusal:
            yield failed(f"the broker refuses the subscription to {topic} ({refusal})", _ACCESS.format(topics.base))
    status = trial.next(topics.status, _RETAINED)
    is_online = status is not None and status.payload == b"online"
    bridge = trial.next(topics.bridge, 0.2)
    with suppress(Refusal):
        case.announcement = Announcement.decode(bridge.payload) if bridge and not bridge.oversized else None
    if case.announcement is not None and case.announcement.cloud_url:
        case.configured.use_cloud_url(case.announcement.cloud_url)
    if is_online and not case.is_running and not case.data_in_use:
        yield warning(
            f"another service is online on this broker with base topic {topics.base}",
            "stop it, or set another mqtt.base_topic for one of the two",
        )
    if case.is_running and not is_online:
        yield failed(
            f"the service runs, but is not online on this broker ({topics.status})",
            "see what the service reports for mqtt; if mqtt.url was changed since its start, restart it",
        )


LINK = Link(id="broker", title="MQTT broker", look=look, seconds=lambda _: 45.0)
