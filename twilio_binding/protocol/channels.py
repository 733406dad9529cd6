"""Channels: the definition of a channel, and those of a phone: ids, labels and item types."""

from __future__ import annotations

from .values import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Channel:
    """A channel; `item` is its item type, "" for a trigger channel. `tags` are openHAB's semantic tags.

    A `writable` channel accepts commands; if it `keeps_state`, it then shows its state instead of the command.
    `type_id` is the id of its channel type, if it differs from its own.
    """

    id: str
    label: str
    description: str
    item: str = ""
    advanced: bool = False
    tags: tuple[str, ...] = ()
    writable: bool = False
    keeps_state: bool = False
    type_id: str = ""

    @property
    def type(self) -> str:
        """The id of its channel type."""
        return self.type_id or self.id


INFO = ("Status", "Info")
TIME = ("Status", "Timestamp")

CHANNELS = (
    Channel(
        id="last-message-body",
        label="Last Message Body",
        description="Text of the newest SMS or WhatsApp message.",
        item="String",
        tags=INFO,
    ),
    Channel(
        id="last-message-from",
        label="Last Message From",
        description="Sender of the newest message.",
        item="String",
        tags=INFO,
    ),
    Channel(
        id="last-message-date",
        label="Last Message Date",
        description="Time of the newest message.",
        item="DateTime",
        tags=TIME,
    ),
    Channel(
        id="last-message-media-url",
        label="Last Message Media URL",
        description="URL of the first picture of the newest message; empty if there is none.",
        item="String",
        tags=INFO,
    ),
    Channel(
        id="last-message-sid",
        label="Last Message SID",
        description="Twilio's SID of the newest message.",
        item="String",
        tags=INFO,
        advanced=True,
    ),
    Channel(
        id="last-call-from",
        label="Last Call From",
        description="Number of the last caller.",
        item="String",
        tags=INFO,
    ),
    Channel(
        id="last-call-status",
        label="Last Call Status",
        description="Status of the newest call: ringing, in-progress, completed and so on.",
        item="String",
        tags=INFO,
    ),
    Channel(
        id="last-call-date",
        label="Last Call Date",
        description="Time of the last incoming call.",
        item="DateTime",
        tags=TIME,
    ),
    Channel(
        id="last-dtmf-digits",
        label="Last DTMF Digits",
        description="The last keys that a caller pressed.",
        item="String",
        tags=INFO,
    ),
    Channel(
        id="sms-received",
        label="SMS Received",
        description="A text or picture message was received. JSON: from, to, body, messageSid, numMedia, mediaUrls.",
    ),
    Channel(
        id="whatsapp-received",
        label="WhatsApp Received",
        description="A WhatsApp message was received. JSON: from, to, body, messageSid, numMedia, mediaUrls.",
    ),
    Channel(
        id="call-received",
        label="Call Received",
        description="A call came in. JSON: from, to, callSid, callStatus.",
    ),
    Channel(
        id="dtmf-received",
        label="DTMF Received",
        description="A caller pressed keys. JSON: digits, callSid, from, to.",
    ),
    Channel(
        id="message-status",
        label="Message Status",
        description="The status of a sent message changed. JSON: messageSid, messageStatus, to.",
    ),
    Channel(
        id="call-status-update",
        label="Call Status Update",
        description="The status of a call changed. JSON: callSid, callStatus, from, to.",
    ),
)
