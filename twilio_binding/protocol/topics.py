"""The MQTT topics, all below one base topic."""

from __future__ import annotations

from .errors import Refusal
from .values import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class RequestTopics:
    """Topics of requests, replies, and commands to channels."""

    base: str = "twilio"

    @property
    def actions(self) -> str:
        """Subscription for all action requests."""
        return f"{self.base}/action/+/+"

    def action(self, thing: str, action: str) -> str:
        """The topic of requests for `action` of `thing`."""
        return f"{self.base}/action/{thing}/{action}"

    @property
    def probe(self) -> str:
        """The topic of the service's requests to itself, which show whether requests arrive."""
        return f"{self.base}/action/service/probe"

    def split_action(self, topic: str) -> tuple[str, str]:
        """Thing UID and action name of an action topic; raises `Refusal` for any other topic."""
        prefix = f"{self.base}/action/"
        parts = topic[len(prefix) :].split("/") if topic.startswith(prefix) else []
        if len(parts) != 2 or not all(parts):
            raise Refusal("bad_topic", f"an action is requested on {prefix}<thing UID>/<action>")
        return parts[0], parts[1]

    @property
    def commands(self) -> str:
        """Subscription for all commands to channels."""
        return f"{self.base}/command/+/+"

    def command(self, thing: str, channel: str) -> str:
        """The topic of commands to a channel."""
        return f"{self.base}/command/{thing}/{channel}"

    def split_command(self, topic: str) -> tuple[str, str]:
        """Thing UID and channel of a command's topic; raises `Refusal` for any other topic."""
        prefix = f"{self.base}/command/"
        parts = topic[len(prefix) :].split("/") if topic.startswith(prefix) else []
        if len(parts) != 2 or not all(parts):
            raise Refusal("bad_topic", f"a command is published to {prefix}<thing UID>/<channel>")
        return parts[0], parts[1]

    def reply(self, client: str, request_id: str) -> str:
        """The topic of one reply."""
        return f"{self.base}/reply/{client}/{request_id}"

    def is_reply(self, topic: str) -> bool:
        """Whether a reply may be published on `topic`: below `<base>/reply/`, without wildcards."""
        return (
            topic.startswith(f"{self.base}/reply/")
            and not set(topic) & set("+#")
            and topic.isprintable()
            and len(topic) <= 512
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Topics(RequestTopics):
    """All topics."""

    @property
    def status(self) -> str:
        """Retained `online` or `offline` of the service (`offline` is its last will)."""
        return f"{self.base}/status"

    @property
    def things(self) -> str:
        """Retained JSON array of the things with status and properties."""
        return f"{self.base}/things"

    @property
    def inbox(self) -> str:
        """Retained JSON array of the phone numbers that are not things yet, as entries of openHAB's inbox."""
        return f"{self.base}/inbox"

    @property
    def bridge(self) -> str:
        """Retained announcement of the script inside openHAB."""
        return f"{self.base}/bridge"

    @property
    def service(self) -> str:
        """Retained announcement of the active service."""
        return f"{self.base}/service"

    @property
    def listeners(self) -> str:
        """Subscription for the announcements of programs outside openHAB."""
        return f"{self.base}/listener/+"

    def event(self, thing: str, channel: str) -> str:
        """The topic of a trigger channel's events."""
        return f"{self.base}/event/{thing}/{channel}"

    def state(self, thing: str, channel: str) -> str:
        """The topic of a state channel's retained state."""
        return f"{self.base}/state/{thing}/{channel}"

    def listener(self, client: str) -> str:
        """The topic of the announcement of `client`."""
        return f"{self.base}/listener/{client}"

    def kind(self, topic: str) -> str:
        """The kind of a topic, such as `twilio/event`."""
        return f"{self.base}/{topic[len(self.base) + 1 :].partition('/')[0]}"
