"""The thing type of a contact: a person who gets texts and calls, and their rights."""

from __future__ import annotations

from .actions import Input, Overload, with_twins
from .channels import INFO, TIME, Channel
from .parameters import Parameter, ThingType

SEND, CALL, ASK = "send", "call", "ask"
NAMES = (SEND, CALL, ASK)
"""The actions."""
MESSAGE, UNREAD = "message", "unread"
"""The channels that accept commands."""

_TEXT = Input(name="text", label="Text", description="The text")
_SPOKEN = Input(name="text", label="Text", description="The text to say")
_MEDIA = Input(name="mediaUrl", label="Media URL", description="URL of the picture")
_QUESTION = Input(name="question", label="Question", description="The question")
_ANSWERS = Input(
    name="answers",
    label="Answers",
    description="The possible answers, such as yes,no; the last one is used if they do not answer",
)
_MINUTES = Input(name="minutes", label="Minutes", description="Time to answer in minutes, 1 to 1440")

CONTACT = ThingType(
    id="contact",
    label="Twilio Contact",
    description="A person who gets texts and calls from your home, and may send commands to it.",
    representation="phoneNumber",
    parameters=(
        Parameter(
            name="phoneNumber",
            label="Phone Number",
            description="The person's number in international form, such as +15557654321.",
            required=True,
            missing="Phone number is required",
        ),
        Parameter(
            name="phone",
            label="Phone",
            description="ID or UID of the phone thing that texts and calls the person. Not needed if the account has only one phone.",
        ),
        Parameter(
            name="via",
            label="Text Via",
            description="Service for texts to the person.",
            default="sms",
            options=(("sms", "SMS"), ("whatsapp", "WhatsApp")),
        ),
        Parameter(
            name="language",
            label="Language",
            description="Language of texts and calls, such as en, de or pt-BR. Default: the language of openHAB.",
        ),
        Parameter(
            name="voice",
            label="Voice",
            description="Voice for calls, such as Polly.Amy.",
            advanced=True,
        ),
        Parameter(
            name="rights",
            label="Rights",
            description="What the person may do by text and phone: read states, send commands, acknowledge alarms.",
            options=(("read", "Read"), ("command", "Command"), ("acknowledge", "Acknowledge Alarms")),
            multiple=True,
        ),
        Parameter(
            name="pin",
            label="PIN",
            description="PIN of 4 to 12 digits for commands and alarms that require one.",
            secret=True,
        ),
        Parameter(
            name="quietHours",
            label="Quiet Hours",
            description="Time without texts, such as 22:00-07:00. Texts wait until the end of it; alarms do not.",
        ),
        Parameter(
            name="fallback",
            label="Fallback",
            description="ID or UID of another contact, who gets what does not reach this one.",
            advanced=True,
        ),
    ),
    channels=(
        Channel(
            id=MESSAGE,
            label="Message",
            description="Newest text from the person. A command sends a text.",
            item="String",
            tags=INFO,
            writable=True,
            keeps_state=True,
            type_id="contact-message",
        ),
        Channel(
            id="message-date",
            label="Message Date",
            description="Time of the newest text from the person.",
            item="DateTime",
            tags=TIME,
            type_id="contact-message-date",
        ),
        Channel(
            id="delivery-status",
            label="Delivery Status",
            description="Status of the newest text to the person: waiting, queued, sent, delivered, read, undelivered or failed.",
            item="String",
            tags=INFO,
            type_id="contact-delivery-status",
        ),
        Channel(
            id=UNREAD,
            label="Unread",
            description="Number of messages from the person since the channel was last set to 0. A command sets it.",
            item="Number",
            tags=INFO,
            writable=True,
            type_id="contact-unread",
        ),
        Channel(
            id="last-call-date",
            label="Last Call Date",
            description="Time of the last call from the person.",
            item="DateTime",
            tags=TIME,
            type_id="contact-last-call-date",
        ),
        Channel(
            id="message-received",
            label="Message Received",
            description="The person sent a message. JSON: as sms-received, then contact.",
            type_id="contact-message-received",
        ),
        Channel(
            id="answer-received",
            label="Answer Received",
            description="The person answered a question, or the time to answer is over. JSON: id, question, answer, isDefault, contact.",
            type_id="contact-answer-received",
        ),
    ),
    actions=with_twins(
        (
            Overload(name=SEND, label="send", description="Sends a text.", inputs=(_TEXT,)),
            Overload(
                name=SEND, label="send with media", description="Sends a picture with a text.", inputs=(_TEXT, _MEDIA)
            ),
            Overload(name=CALL, label="call", description="Makes a call that says a text.", inputs=(_SPOKEN,)),
            Overload(
                name=ASK,
                label="ask",
                description="Asks a question; answer-received fires with the answer.",
                inputs=(_QUESTION, _ANSWERS, _MINUTES),
            ),
        )
    ),
)
