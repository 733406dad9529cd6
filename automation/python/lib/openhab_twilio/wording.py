"""The words of things, channels and parameters, as people read them in openHAB."""

from __future__ import annotations

from dataclasses import dataclass

BINDING = "twilio"


@dataclass(frozen=True, slots=True, kw_only=True)
class Parameter:
    """A configuration parameter. `kind` is TEXT, INTEGER or BOOLEAN; `missing` is the status text without a value."""

    name: str
    label: str
    description: str
    kind: str = "TEXT"
    required: bool = False
    secret: bool = False
    advanced: bool = False
    default: str | None = None
    minimum: int | None = None
    maximum: int | None = None
    options: tuple[tuple[str, str], ...] = ()
    missing: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class ThingWords:
    """A thing type."""

    id: str
    label: str
    description: str
    parameters: tuple[Parameter, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class ChannelWords:
    """A channel type; `item` is its item type, "" for a trigger channel. `tags` are openHAB's semantic ones."""

    id: str
    label: str
    description: str
    item: str = ""
    advanced: bool = False
    tags: tuple[str, ...] = ()


ACCOUNT = ThingWords(
    id="account",
    label="Twilio Account",
    description="An account at Twilio: the access that its phone numbers use for texts, WhatsApp and calls.",
    parameters=(
        Parameter(
            name="accountSid",
            label="Account SID",
            description="Begins with AC; the Twilio Console shows it on its first page.",
            required=True,
            missing="Account SID is required",
        ),
        Parameter(
            name="authToken",
            label="Auth Token",
            description="The account's primary token, beside the SID in the Twilio Console. It signs the webhooks.",
            required=True,
            secret=True,
            missing="Auth Token is required",
        ),
        Parameter(
            name="publicUrl",
            label="Public URL",
            description="Where Twilio reaches this house, such as https://home.example. Without it nothing comes in.",
            advanced=True,
        ),
        Parameter(
            name="autoConfigureWebhooks",
            label="Auto-Configure Webhooks",
            description="Enter the webhook addresses at Twilio's phone numbers as soon as a public address is known.",
            kind="BOOLEAN",
            default="true",
            advanced=True,
        ),
        Parameter(
            name="useCloudWebhook",
            label="Use openHAB Cloud Webhooks",
            description="Let openHAB Cloud take Twilio's calls, without a public address of your own. "
            "Needs the openHAB Cloud Connector, and openHAB 5.2.",
            kind="BOOLEAN",
            default="false",
        ),
        Parameter(
            name="secondaryAuthToken",
            label="Secondary Auth Token",
            description="Accepted for webhooks beside the primary token while tokens are being changed.",
            secret=True,
            advanced=True,
        ),
        Parameter(
            name="apiKeySid",
            label="API Key SID",
            description="Begins with SK. With it and its secret, requests to Twilio use the key and not the token.",
            advanced=True,
        ),
        Parameter(
            name="apiKeySecret",
            label="API Key Secret",
            description="The secret of the API key.",
            secret=True,
            advanced=True,
        ),
        Parameter(
            name="sharedKeyId",
            label="Shared Key ID",
            description="Begins with webhooks_sharedkey_. With it and its secret, webhooks signed by the key are accepted.",
            advanced=True,
        ),
        Parameter(
            name="sharedKeySecret",
            label="Shared Key Secret",
            description="The secret of the shared key.",
            secret=True,
            advanced=True,
        ),
    ),
)

PHONE = ThingWords(
    id="phone",
    label="Twilio Phone Number",
    description="A phone number of the account: sends and receives texts, pictures and WhatsApp, makes and takes calls.",
    parameters=(
        Parameter(
            name="phoneNumber",
            label="Phone Number",
            description="Your number at Twilio in the international form, such as +15551234567.",
            required=True,
            missing="Phone number is required",
        ),
        Parameter(
            name="voiceGreeting",
            label="Voice Greeting TwiML",
            description="What a caller hears first, as TwiML. {gatherUrl} stands for the address that takes the keys.",
            advanced=True,
        ),
        Parameter(
            name="gatherResponse",
            label="Gather Response TwiML",
            description="What a caller hears after pressing keys when no rule answers with respondWithTwiml.",
            advanced=True,
        ),
        Parameter(
            name="responseTimeout",
            label="Response Timeout",
            description="How long a caller waits for a rule before the greeting or the gather response is heard.",
            kind="INTEGER",
            default="10",
            minimum=1,
            maximum=14,
            advanced=True,
        ),
        Parameter(
            name="waitForRule",
            label="Wait for a Rule",
            description="Whether a caller waits for a rule: where one listens, always, or never.",
            default="auto",
            options=(("auto", "Where a rule listens"), ("always", "Always"), ("never", "Never")),
            advanced=True,
        ),
    ),
)

_INFO = ("Status", "Info")
_TIME = ("Status", "Timestamp")

CHANNELS = (
    ChannelWords(
        id="last-message-body",
        label="Last Message Body",
        description="Text of the newest message, by SMS or WhatsApp.",
        item="String",
        tags=_INFO,
    ),
    ChannelWords(
        id="last-message-from",
        label="Last Message From",
        description="Who sent the newest message.",
        item="String",
        tags=_INFO,
    ),
    ChannelWords(
        id="last-message-date",
        label="Last Message Date",
        description="When the newest message came.",
        item="DateTime",
        tags=_TIME,
    ),
    ChannelWords(
        id="last-message-media-url",
        label="Last Message Media URL",
        description="Address of the first picture of the newest message; empty without one.",
        item="String",
        tags=_INFO,
    ),
    ChannelWords(
        id="last-message-sid",
        label="Last Message SID",
        description="Twilio's name for the newest message.",
        item="String",
        tags=_INFO,
        advanced=True,
    ),
    ChannelWords(
        id="last-call-from",
        label="Last Call From",
        description="Who called last.",
        item="String",
        tags=_INFO,
    ),
    ChannelWords(
        id="last-call-status",
        label="Last Call Status",
        description="How the newest call stands: ringing, in-progress, completed and so on.",
        item="String",
        tags=_INFO,
    ),
    ChannelWords(
        id="last-call-date",
        label="Last Call Date",
        description="When the last call came in.",
        item="DateTime",
        tags=_TIME,
    ),
    ChannelWords(
        id="last-dtmf-digits",
        label="Last DTMF Digits",
        description="The keys that a caller pressed last.",
        item="String",
        tags=_INFO,
    ),
    ChannelWords(
        id="sms-received",
        label="SMS Received",
        description="A text or picture message came. JSON: from, to, body, messageSid, numMedia, mediaUrls.",
    ),
    ChannelWords(
        id="whatsapp-received",
        label="WhatsApp Received",
        description="A WhatsApp message came. JSON: from, to, body, messageSid, numMedia, mediaUrls.",
    ),
    ChannelWords(
        id="call-received",
        label="Call Received",
        description="Somebody calls. JSON: from, to, callSid, callStatus.",
    ),
    ChannelWords(
        id="dtmf-received",
        label="DTMF Received",
        description="A caller pressed keys. JSON: digits, callSid, from, to.",
    ),
    ChannelWords(
        id="message-status",
        label="Message Status",
        description="A sent message got further. JSON: messageSid, messageStatus, to.",
    ),
    ChannelWords(
        id="call-status-update",
        label="Call Status Update",
        description="A call got further. JSON: callSid, callStatus, from, to.",
    ),
)
STATES = {channel.id: channel.item for channel in CHANNELS if channel.item}
TRIGGERS = frozenset(channel.id for channel in CHANNELS if not channel.item)


def required(thing_type: str) -> dict[str, str]:
    """The required parameters of a thing type, and the status text where one is blank."""
    words = ACCOUNT if thing_type == ACCOUNT.id else PHONE
    return {parameter.name: parameter.missing for parameter in words.parameters if parameter.required}
