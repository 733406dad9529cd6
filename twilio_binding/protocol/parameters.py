"""Thing types and their configuration parameters: names, labels, ranges and defaults for openHAB."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

from .actions import ACTIONS, Overload
from .channels import CHANNELS, Channel
from .values import dataclass

BINDING = "twilio"


@dataclass(frozen=True, slots=True, kw_only=True)
class Parameter:
    """A configuration parameter. `missing` is the status text of a thing without a value.

    `default` is the value as a user would write it; None if there is none, or if it is too long to show. `unit` is the
    unit of a number, with its name. With `multiple`, users can choose several options.
    """

    name: str
    label: str
    description: str
    kind: Literal["TEXT", "INTEGER", "BOOLEAN"] = "TEXT"
    required: bool = False
    secret: bool = False
    advanced: bool = False
    default: str | None = None
    minimum: int | None = None
    maximum: int | None = None
    unit: tuple[str, str] | None = None
    options: tuple[tuple[str, str], ...] = ()
    multiple: bool = False
    missing: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class ThingType:
    """A thing type with its parameters, channels and actions in the order of display.

    `representation` is the name of the parameter that distinguishes things of the type.
    """

    id: str
    label: str
    description: str
    parameters: tuple[Parameter, ...]
    channels: tuple[Channel, ...] = ()
    actions: tuple[Overload, ...] = ()
    representation: str = ""

    @property
    def uid(self) -> str:
        """`twilio:<id>`."""
        return f"{BINDING}:{self.id}"

    @property
    def by_name(self) -> Mapping[str, Parameter]:
        """The parameters by name."""
        return {parameter.name: parameter for parameter in self.parameters}

    @property
    def required(self) -> Mapping[str, str]:
        """The required parameters, each with the status text of a thing without it."""
        return {parameter.name: parameter.missing for parameter in self.parameters if parameter.required}


ACCOUNT = ThingType(
    id="account",
    label="Twilio Account",
    description="A Twilio account, the bridge of its phone numbers.",
    parameters=(
        Parameter(
            name="accountSid",
            label="Account SID",
            description="SID of the account. It begins with AC and is on the first page of the Twilio Console.",
            required=True,
            missing="Account SID is required",
        ),
        Parameter(
            name="authToken",
            label="Auth Token",
            description="Primary auth token of the account, next to the SID in the Twilio Console. It signs the webhooks.",
            required=True,
            secret=True,
            missing="Auth Token is required",
        ),
        Parameter(
            name="publicUrl",
            label="Public URL",
            description="URL at which Twilio reaches your home, such as https://home.example. Required to receive texts and calls.",
            advanced=True,
        ),
        Parameter(
            name="autoConfigureWebhooks",
            label="Auto-Configure Webhooks",
            description="Set the webhook URLs of the phone numbers at Twilio as soon as a public URL is known.",
            kind="BOOLEAN",
            default="true",
            advanced=True,
        ),
        Parameter(
            name="useCloudWebhook",
            label="Use openHAB Cloud Webhooks",
            description="Receive Twilio's webhooks through openHAB Cloud, without a public URL of your own. "
            "Needs the openHAB Cloud Connector, and openHAB 5.2.",
            kind="BOOLEAN",
            default="false",
        ),
        Parameter(
            name="secondaryAuthToken",
            label="Secondary Auth Token",
            description="Also accepted for webhooks while you change the primary token.",
            secret=True,
            advanced=True,
        ),
        Parameter(
            name="apiKeySid",
            label="API Key SID",
            description="SID of an API key. It begins with SK. With its secret, requests to Twilio use the key instead of the auth token.",
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
            description="ID of a shared key. It begins with webhooks_sharedkey_. With its secret, webhooks signed with the key are accepted.",
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

PHONE = ThingType(
    id="phone",
    label="Twilio Phone Number",
    description="A phone number of the account. Sends and receives texts, pictures and WhatsApp messages; makes and answers calls.",
    channels=CHANNELS,
    actions=ACTIONS,
    representation="phoneNumber",
    parameters=(
        Parameter(
            name="phoneNumber",
            label="Phone Number",
            description="Your Twilio number in international form, such as +15551234567.",
            required=True,
            missing="Phone number is required",
        ),
        Parameter(
            name="voiceGreeting",
            label="Voice Greeting TwiML",
            description="TwiML that a caller hears first. {gatherUrl} is replaced with the URL that receives the keys.",
            advanced=True,
        ),
        Parameter(
            name="gatherResponse",
            label="Gather Response TwiML",
            description="TwiML that a caller hears after pressing keys if no rule answers with respondWithTwiml.",
            advanced=True,
        ),
        Parameter(
            name="responseTimeout",
            label="Response Timeout",
            description="Time that a caller waits for a rule before hearing the greeting or the gather response.",
            kind="INTEGER",
            default="10",
            minimum=1,
            maximum=14,
            unit=("s", "seconds"),
            advanced=True,
        ),
        Parameter(
            name="waitForRule",
            label="Wait for a Rule",
            description="Whether a caller waits for a rule to answer.",
            default="auto",
            options=(("auto", "If a rule listens"), ("always", "Always"), ("never", "Never")),
            advanced=True,
        ),
        Parameter(
            name="commands",
            label="Commands by Text",
            description="Contacts with the right read or command can use items by text and WhatsApp, for example: kitchen light on.",
            kind="BOOLEAN",
            default="false",
        ),
        Parameter(
            name="menu",
            label="Phone Menu",
            description="Contacts with the right read or command who call hear a menu of the items that have a key in their metadata.",
            kind="BOOLEAN",
            default="false",
        ),
        Parameter(
            name="speech",
            label="Speech in the Phone Menu",
            description="Callers can say in the menu what they can write in a text. Twilio charges for speech recognition.",
            kind="BOOLEAN",
            default="false",
            advanced=True,
        ),
        Parameter(
            name="interpreter",
            label="Interpreter",
            description="openHAB's interpreter for texts that the service does not understand, such as system. Empty: none.",
            advanced=True,
        ),
        Parameter(
            name="strangers",
            label="Calls from Strangers",
            description="What callers who are not contacts hear: the voice greeting, a busy tone, or that the number is not in use.",
            default="greet",
            options=(("greet", "Voice greeting"), ("reject", "Busy tone"), ("ignore", "Number not in use")),
            advanced=True,
        ),
    ),
)
