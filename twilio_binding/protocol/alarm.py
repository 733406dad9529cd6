"""The thing type of an alarm: who is told what, in which order, until somebody takes it."""

from __future__ import annotations

from .actions import Input, Overload, with_twins
from .channels import INFO, TIME, Channel
from .parameters import Parameter, ThingType

START, ACKNOWLEDGE, END = "startAlarm", "acknowledgeAlarm", "endAlarm"
NAMES = (START, ACKNOWLEDGE, END)
"""The actions."""
ACTIVE, MESSAGE = "active", "message"
"""The channels that take commands."""

_MESSAGE = Input(name="message", label="Message", description="What has happened; may be left out")
_BY = Input(name="by", label="By", description="Who takes it: a contact, or any name")

ALARM = ThingType(
    id="alarm",
    label="Twilio Alarm",
    description="Tells people that something has happened, step by step, until one of them takes it.",
    representation="steps",
    parameters=(
        Parameter(
            name="steps",
            label="Steps",
            description="Who is told, and when: text ada,bob; wait 60s; call ada; wait 90s; call bob; wait 2m; repeat 3.",
            required=True,
            missing="Steps are required",
        ),
        Parameter(
            name="message",
            label="Message",
            description="What people are told. %item:Name% stands for the state of an item.",
        ),
        Parameter(
            name="severity",
            label="Severity",
            description="How bad it is.",
            default="critical",
            options=(("info", "Information"), ("warning", "Warning"), ("critical", "Critical")),
        ),
        Parameter(
            name="language",
            label="Language",
            description="The language of those who have none, such as en or de. Without it the language of openHAB is used.",
            advanced=True,
        ),
        Parameter(
            name="recall",
            label="All-Clear",
            description="What those who were told are written when the alarm ends.",
        ),
        Parameter(
            name="whatsAppTemplate",
            label="WhatsApp Template",
            description="The Content SID (HX...) of a template with buttons, for contacts who are written to on WhatsApp. Its variables: "
            "1 the label, 2 the message, 3 the number of the alarm. Without it they get plain text.",
            advanced=True,
        ),
        Parameter(
            name="startsWhen",
            label="Starts When",
            description="What starts it by itself: openhab down 5m, broker down 5m, no update of Heartbeat 30m, "
            "item Smoke = ON; several with or.",
        ),
        Parameter(
            name="maxPerHour",
            label="Most Calls per Hour",
            description="How often one number is called in an hour. Carriers block a number that calls too often.",
            kind="INTEGER",
            default="12",
            minimum=1,
            maximum=60,
            advanced=True,
        ),
        Parameter(
            name="requirePin",
            label="Require PIN",
            description="Take it only from those who enter their PIN, where the contact has one.",
            kind="BOOLEAN",
            default="false",
            advanced=True,
        ),
    ),
    channels=(
        Channel(
            id=ACTIVE,
            label="Active",
            description="Whether it runs. ON starts it, OFF ends it.",
            item="Switch",
            tags=("Switch",),
            writable=True,
            type_id="alarm-active",
        ),
        Channel(
            id="state",
            label="State",
            description="idle, alerting, acknowledged or exhausted: everybody was told, and nobody took it.",
            item="String",
            tags=INFO,
            type_id="alarm-state",
        ),
        Channel(
            id=MESSAGE,
            label="Message",
            description="What people are told. A command starts it with that text.",
            item="String",
            tags=INFO,
            writable=True,
            type_id="alarm-message",
        ),
        Channel(
            id="step",
            label="Step",
            description="The step that is carried out.",
            item="String",
            tags=INFO,
            type_id="alarm-step",
        ),
        Channel(
            id="acknowledged-by",
            label="Acknowledged By",
            description="Who took it; empty while nobody has.",
            item="String",
            tags=INFO,
            type_id="alarm-acknowledged-by",
        ),
        Channel(
            id="acknowledged-date",
            label="Acknowledged Date",
            description="When somebody took it.",
            item="DateTime",
            tags=TIME,
            type_id="alarm-acknowledged-date",
        ),
        Channel(
            id="alarm-update",
            label="Alarm Update",
            description="Something became of the alarm. JSON: alarm, id, state, step, message, severity, startedBy, by.",
        ),
    ),
    actions=with_twins(
        (
            Overload(name=START, label="start alarm", description="Starts it.", inputs=()),
            Overload(
                name=START, label="start alarm with message", description="Starts it with a text.", inputs=(_MESSAGE,)
            ),
            Overload(
                name=ACKNOWLEDGE,
                label="acknowledge alarm",
                description="Stops it from telling more people.",
                inputs=(_BY,),
            ),
            Overload(name=END, label="end alarm", description="Ends it.", inputs=()),
        )
    ),
)
