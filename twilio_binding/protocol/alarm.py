"""The thing type of an alarm, which notifies people step by step until somebody acknowledges."""

from __future__ import annotations

from .actions import Input, Overload, with_twins
from .channels import INFO, TIME, Channel
from .parameters import Parameter, ThingType

START, ACKNOWLEDGE, END = "startAlarm", "acknowledgeAlarm", "endAlarm"
NAMES = (START, ACKNOWLEDGE, END)
"""The actions."""
ACTIVE, MESSAGE = "active", "message"
"""The channels that accept commands."""

_MESSAGE = Input(name="message", label="Message", description="What has happened; optional")
_BY = Input(name="by", label="By", description="Who acknowledges it: a contact, or any name")

ALARM = ThingType(
    id="alarm",
    label="Twilio Alarm",
    description="Notifies people step by step until one of them acknowledges the alarm.",
    representation="steps",
    parameters=(
        Parameter(
            name="steps",
            label="Steps",
            description="Who is notified, how and when: text ada,bob; wait 60s; call ada; wait 90s; call bob; wait 2m; repeat 3.",
            required=True,
            missing="Steps are required",
        ),
        Parameter(
            name="message",
            label="Message",
            description="Message of the alarm. %item:Name% is replaced with the state of an item.",
        ),
        Parameter(
            name="severity",
            label="Severity",
            description="Severity, for rules and user interfaces.",
            default="critical",
            options=(("info", "Information"), ("warning", "Warning"), ("critical", "Critical")),
        ),
        Parameter(
            name="language",
            label="Language",
            description="Language for contacts without a language, such as en or de. Default: the language of openHAB.",
            advanced=True,
        ),
        Parameter(
            name="recall",
            label="All-Clear",
            description="Text that everybody who was notified gets when the alarm ends.",
        ),
        Parameter(
            name="whatsAppTemplate",
            label="WhatsApp Template",
            description="The Content SID (HX...) of a template with buttons, for contacts who get WhatsApp messages. Its variables: "
            "1 the label, 2 the message, 3 the number of the alarm. Without it they get plain text. For contacts with other languages, add "
            "theirs: HX..., de=HX..., fr=HX...",
            advanced=True,
        ),
        Parameter(
            name="startsWhen",
            label="Starts When",
            description="Conditions that start the alarm: openhab down 5m, broker down 5m, no update of Heartbeat 30m, "
            "item Smoke = ON. Join several with or.",
        ),
        Parameter(
            name="maxPerHour",
            label="Most Calls per Hour",
            description="Maximum number of calls to one number per hour. Carriers block a number that calls too often.",
            kind="INTEGER",
            default="12",
            minimum=1,
            maximum=60,
            advanced=True,
        ),
        Parameter(
            name="requirePin",
            label="Require PIN",
            description="Contacts who have a PIN must enter it to acknowledge.",
            kind="BOOLEAN",
            default="false",
            advanced=True,
        ),
    ),
    channels=(
        Channel(
            id=ACTIVE,
            label="Active",
            description="ON while the alarm is active. ON starts it, OFF ends it.",
            item="Switch",
            tags=("Switch",),
            writable=True,
            type_id="alarm-active",
        ),
        Channel(
            id="state",
            label="State",
            description="idle, alerting, acknowledged, or exhausted (all steps are done, and nobody acknowledged).",
            item="String",
            tags=INFO,
            type_id="alarm-state",
        ),
        Channel(
            id=MESSAGE,
            label="Message",
            description="Message of the alarm. A command starts the alarm with that message.",
            item="String",
            tags=INFO,
            writable=True,
            type_id="alarm-message",
        ),
        Channel(
            id="step",
            label="Step",
            description="The current step.",
            item="String",
            tags=INFO,
            type_id="alarm-step",
        ),
        Channel(
            id="acknowledged-by",
            label="Acknowledged By",
            description="Who acknowledged the alarm; empty if nobody has.",
            item="String",
            tags=INFO,
            type_id="alarm-acknowledged-by",
        ),
        Channel(
            id="acknowledged-date",
            label="Acknowledged Date",
            description="Time of the acknowledgement.",
            item="DateTime",
            tags=TIME,
            type_id="alarm-acknowledged-date",
        ),
        Channel(
            id="alarm-update",
            label="Alarm Update",
            description="The alarm changed. JSON: alarm, id, state, step, message, severity, startedBy, by.",
        ),
    ),
    actions=with_twins(
        (
            Overload(name=START, label="start alarm", description="Starts the alarm.", inputs=()),
            Overload(
                name=START,
                label="start alarm with message",
                description="Starts the alarm with a message.",
                inputs=(_MESSAGE,),
            ),
            Overload(
                name=ACKNOWLEDGE,
                label="acknowledge alarm",
                description="Acknowledges the alarm, so that nobody else is notified.",
                inputs=(_BY,),
            ),
            Overload(name=END, label="end alarm", description="Ends the alarm.", inputs=()),
        )
    ),
)
