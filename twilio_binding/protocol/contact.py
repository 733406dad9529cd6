"""The thing type of a contact: a person whom the service writes to and calls, and what they may do."""

from __future__ import annotations

from .actions import Input, Overload, with_twins
from .channels import INFO, TIME, Channel
from .parameters import Parameter, ThingType

SEND, CALL, ASK = "send", "call", "ask"
NAMES = (SEND, CALL, ASK)
"""The actions."""
MESSAGE, UNREAD = "message", "unread"
"""The channels that take commands."""

_TEXT = Input(name="text", label="Text", description="The text")
_SPOKEN = Input(name="text", label="Text", description="What is said")
_MEDIA = Input(name="mediaUrl", label="Media URL", description="Address of the picture")
_QUESTION = Input(name="question", label="Question", description="What they are asked")
_ANSWERS = Input(
    name="answers",
    label="Answers",
    description="What they may answer, such as yes,no; the last one is taken where they do not answer",
)
_MINUTES = Input(name="minutes", label="Minutes", description="How long they have for an answer, 1 to 1440")

CONTACT = ThingType(
    id="contact",
    label="Twilio Contact",
    description="Somebody whom your home writes to and calls, and what they may do in return.",
    representation="phoneNumber",
    parameters=(
        Parameter(
            name="phoneNumber",
            label="Phone Number",
            description="Their number in the international form, such as +15557654321.",
            required=True,
            missing="Phone number is required",
        ),
        Parameter(
            name="phone",
            label="Phone",
            description="Which of your phones reaches them: its ID or UID. Not needed where the account has one phone.",
        ),
        Parameter(
            name="via",
            label="Write Via",
            description="How they are written to.",
            default="sms",
            options=(("sms", "SMS"), ("whatsapp", "WhatsApp")),
        ),
        Parameter(
            name="language",
            label="Language",
            description="Their language, such as en, de or pt-BR. Without it the language of openHAB is used.",
        ),
        Parameter(
            name="voice",
            label="Voice",
            description="Who speaks to them in a call, such as Polly.Amy.",
            advanced=True,
        ),
        Parameter(
            name="rights",
            label="Rights",
            description="What they may do by text and by phone: ask for states, send commands, acknowledge alarms.",
            options=(("read", "Read"), ("command", "Command"), ("acknowledge", "Acknowledge Alarms")),
            multiple=True,
        ),
        Parameter(
            name="pin",
            label="PIN",
            description="4 to 12 digits that they are asked for where something needs a PIN.",
            secret=True,
        ),
        Parameter(
            name="quietHours",
            label="Quiet Hours",
            description="When they are left in peace, such as 22:00-07:00. Texts wait until it is over; alarms do not.",
        ),
        Parameter(
            name="fallback",
            label="Fallback",
            description="Another contact who is told what does not reach this one: its ID or UID.",
            advanced=True,
        ),
    ),
    channels=(
        Channel(
            id=MESSAGE,
            label="Message",
            description="What they wrote last. A command sends them a text.",
            item="String",
            tags=INFO,
            writable=True,
            keeps_state=True,
            type_id="contact-message",
        ),
        Channel(
            id="message-date",
            label="Message Date",
            description="When they wrote last.",
            item="DateTime",
            tags=TIME,
            type_id="contact-message-date",
        ),
        Channel(
            id="delivery-status",
            label="Delivery Status",
            description="How the newest text to them stands: waiting, queued, sent, delivered, read, undelivered or failed.",
            item="String",
            tags=INFO,
            type_id="contact-delivery-status",
        ),
        Channel(
            id=UNREAD,
            label="Unread",
            description="How many of their messages came since it was last set to 0. A command sets it.",
            item="Number",
            tags=INFO,
            writable=True,
            type_id="contact-unread",
        ),
        Channel(
            id="last-call-date",
            label="Last Call Date",
            description="When they called last.",
            item="DateTime",
            tags=TIME,
            type_id="contact-last-call-date",
        ),
        Channel(
            id="message-received",
            label="Message Received",
            description="They wrote. JSON: as sms-received, then contact.",
            type_id="contact-message-received",
        ),
        Channel(
            id="answer-received",
            label="Answer Received",
            description="They answered a question, or their time was over. JSON: id, question, answer, isDefault, contact.",
            type_id="contact-answer-received",
        ),
    ),
    actions=with_twins(
        (
            Overload(name=SEND, label="send", description="Sends them a text.", inputs=(_TEXT,)),
            Overload(name=SEND, label="send with media", description="Sends them a picture.", inputs=(_TEXT, _MEDIA)),
            Overload(name=CALL, label="call", description="Calls them and says a text.", inputs=(_SPOKEN,)),
            Overload(
                name=ASK,
                label="ask",
                description="Asks them something; the answer comes as answer-received.",
                inputs=(_QUESTION, _ANSWERS, _MINUTES),
            ),
        )
    ),
)
