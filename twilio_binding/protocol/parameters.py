"""Thing types and their configuration parameters: names, labels, ranges and defaults, as openHAB shows them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from .actions import ACTIONS, Overload
from .channels import CHANNELS, Channel

BINDING = "twilio"


@dataclass(frozen=True, slots=True, kw_only=True)
class Parameter:
    """A configuration parameter. `missing` is the status text of a thing without a value.

    `default` is written as people write it; None where there is none, or where it is too long to show. `unit` is that of
    a number, with its name. Of `multiple` several of the options may be chosen.
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
    """A thing type with its parameters, channels and actions in the order in which people see them.

    `representation` is the name of the parameter that tells one thing of the type from another.
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
            description="Where Twilio reaches your home, such as https://home.example. Without it nothing comes in.",
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

PHONE = ThingType(
    id="phone",
    label="Twilio Phone Number",
    description="A phone number of the account: sends and receives texts, pictures and WhatsApp, makes and takes calls.",
    channels=CHANNELS,
    actions=ACTIONS,
    representation="phoneNumber",
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
            unit=("s", "seconds"),
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
        Parameter(
            name="commands",
            label="Commands by Text",
            description="Contacts with the right read or command use items by text and WhatsApp, such as kitchen light on.",
            kind="BOOLEAN",
            default="false",
        ),
        Parameter(
            name="menu",
            label="Phone Menu",
            description="Contacts with the right read or command who call hear a menu of the items that have a key.",
            kind="BOOLEAN",
            default="false",
        ),
        Parameter(
            name="speech",
            label="Speech in the Phone Menu",
            description="What may be written in a text may be said in the menu as well. Twilio charges for it.",
            kind="BOOLEAN",
            default="false",
            advanced=True,
        ),
        Parameter(
            name="interpreter",
            label="Interpreter",
            description="What is not understood goes to this interpreter of openHAB, such as system. None where it is empty.",
            advanced=True,
        ),
        Parameter(
            name="strangers",
            label="Calls of Strangers",
            description="What callers hear who are no contacts: the voice greeting, the busy tone, or that the number is not in use.",
            default="greet",
            options=(("greet", "Greet them"), ("reject", "Busy tone"), ("ignore", "Number not in use")),
            advanced=True,
        ),
    ),
)
