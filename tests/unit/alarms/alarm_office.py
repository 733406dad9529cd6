"""Alarms with a real database, and a Twilio, openHAB and clock that the test controls."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from types import TracebackType
from typing import Self

from tests.waiting import wait_until
from twilio_binding.alarms.build import AlarmSurroundings, AlarmUseCases
from twilio_binding.alarms.runs import Runs
from twilio_binding.alarms.views import AlarmView
from twilio_binding.errors import DependencyDownError
from twilio_binding.model.alarms import Alarm
from twilio_binding.model.contacts import Contact
from twilio_binding.model.events import Endpoint, Webhook
from twilio_binding.model.pins import Pin
from twilio_binding.model.things import Account, Phone, Things
from twilio_binding.model.uids import ThingUID
from twilio_binding.model.watches import ReadState
from twilio_binding.outgoing.ports import Stored
from twilio_binding.people.contacts import Contacts
from twilio_binding.people.pin_guard import PinGuard
from twilio_binding.protocol.errors import Refusal
from twilio_binding.protocol.replies import Reply
from twilio_binding.protocol.requests import Request
from twilio_binding.store import Database, SqliteJournal
from twilio_binding.store.alarms import SqliteAlarmLog
from twilio_binding.store.item_commands import SqliteItemCommands

ACCOUNT, PHONE, FIRE = ThingUID("twilio:account:a"), ThingUID("twilio:phone:a:b"), "twilio:alarm:a:fire"
GATHER = "https://h.example/gather"
Done = Callable[[Reply], None]
CarryOut = Callable[[Callable[[], object]], object]


class ScriptedTwilio:
    """Accepts each send, with a SID. While it is `away`, sends wait; those to contacts in `refused` are refused.

    Each of `troubles` is raised once when a call should be ended.
    """

    def __init__(self) -> None:
        self.asked: list[Request] = []
        self.ended: list[tuple[str, str]] = []
        self.is_away = False
        self.troubles: list[Exception] = []
        self.refused: dict[str, Refusal] = {}
        self._waiting: list[tuple[Request, Done]] = []
        self._lock = threading.Lock()

    def begin(self, request: Request, done: Done, taken: Callable[[], None]) -> None:
        """Accept a send."""
        with self._lock:
            self.asked.append(request)
            self._waiting.append((request, done))
        taken()
        if not self.is_away:
            self.come_back()

    def resume(self, request_id: str, done: Done) -> bool:
        """Report the outcome of a send."""
        with self._lock:
            found = [one for one in self.asked if one.id == request_id]
            self._waiting += [(one, done) for one in found]
        if not self.is_away:
            self.come_back()
        return bool(found)

    def find(self, request_id: str) -> Stored | None:
        """A send that was asked for."""
        with self._lock:
            return next((Stored(request=one, parts=()) for one in self.asked if one.id == request_id), None)

    def come_back(self) -> None:
        """Accept everything that waits."""
        self.is_away = False
        with self._lock:
            waiting, self._waiting = self._waiting, []
        for request, done in waiting:
            refusal = self.refused.get(str(request.args["to"]))
            sid = f"SM-{request.id}"
            done(
                Reply.refused(request.id, refusal)
                if refusal
                else Reply(id=request.id, ok=True, result={"sid": sid, "status": "queued"})
            )

    def hang_up(self, account: Account, call_sid: str, *, saying: str = "") -> None:
        """End a call."""
        del account
        if self.troubles:
            raise self.troubles.pop()
        self.ended.append((call_sid, saying))

    def to(self, number: str) -> list[str]:
        """What was sent to a number: the text, or the TwiML."""
        return [str(one.args.get("message") or one.args["twiml"]) for one in self.asked if one.args["to"] == number]


class ScriptedItems:
    """openHAB's items."""

    def __init__(self) -> None:
        self.states: dict[str, str] = {}
        self.languages: list[str] = []
        self.changed: dict[str, float | None] = {}
        self.reads = 0
        self.commands: list[tuple[str, str]] = []
        self.is_down = False
        self.tries = 0
        self.may_go_on = threading.Event()
        self.may_go_on.set()

    def read(self, item: str) -> ReadState:
        """The state of an item."""
        self.reads += 1
        return ReadState(self.states[item], self.changed.get(item))

    def told(self, item: str, language: str) -> str:
        """The same; notes the language."""
        self.languages.append(language)
        return self.states[item]

    def send_command(self, item: str, command: str) -> None:
        """Note a command, when it may continue."""
        self.tries += 1
        self.may_go_on.wait(60)
        if self.is_down:
            raise DependencyDownError("openHAB is down")
        self.commands.append((item, command))


class KnownThings:
    """The configuration, with one alarm."""

    def __init__(self, alarm: Alarm, people: tuple[str, ...]) -> None:
        self.contacts: dict[str, Contact] = dict(map(_contact, enumerate(people)))
        self._things = Things(
            accounts={ACCOUNT: Account(uid=ACCOUNT, account_sid="AC1", auth_token="t", public_url="https://h.example")},
            phones={PHONE: Phone(uid=PHONE, bridge=ACCOUNT, phone_number="+15551234567")},
            contacts=self.contacts,
            alarms={FIRE: alarm},
        )

    def current(self) -> Things:
        """The configured things."""
        return self._things


def number(person: int) -> str:
    """The number of ada, bob and eve; Ada has a PIN, Eve cannot acknowledge alarms."""
    return f"+1555765432{person}"


def _contact(numbered: tuple[int, str]) -> tuple[ThingUID, Contact]:
    person, name = numbered
    uid = ThingUID(f"twilio:contact:a:{name}")
    made = Contact(
        uid=uid,
        label=name.title(),
        bridge=ACCOUNT,
        phone_number=number(person),
        phone=str(PHONE),
        rights=frozenset({"acknowledge"}) if name != "eve" else frozenset(),
        pin=Pin("4711") if name == "ada" else None,
    )
    return uid, made


class AlarmOffice:
    """One process; time passes only with `pass_time`. `folder` and `twilio` survive it."""

    def __init__(
        self,
        folder: Path,
        twilio: ScriptedTwilio,
        *,
        now: float = 1000.0,
        most_per_day: int = 0,
        commit: CarryOut = lambda work: work(),
        items: ScriptedItems | None = None,
        **alarm: object,
    ) -> None:
        given: dict[str, object] = {"steps": "call ada; wait 60s; call bob; wait 60s", "message": "Smoke"} | alarm
        configured = Alarm(uid=ThingUID(FIRE), label="Fire", bridge=ACCOUNT, **given)  # type: ignore[arg-type]
        self.now = now
        self.twilio, self.items = twilio, items or ScriptedItems()
        self.published: list[tuple[str, str]] = []
        self.locked: list[str] = []
        self.asked: set[str] = set()
        self.is_openhab_down = self.is_openhab_noticed = False
        self._database = Database(folder / "db", commit=commit)
        self._database.start()
        self.journal = SqliteJournal(self._database)
        things = KnownThings(configured, ("ada", "bob", "eve"))
        self.contacts = things.contacts
        self._log = SqliteAlarmLog(self._database, clock=lambda: self.now)
        runs = Runs(self._log, lambda: self.now)
        runs.restore()
        self.things = things.current()
        self.phone = self.things.phones[PHONE]
        self.is_withdrawn = runs.is_withdrawn
        self._cases = AlarmUseCases(
            AlarmSurroundings(
                things=things,
                contacts=Contacts(things),
                pins=PinGuard(
                    SqliteItemCommands(self._database, clock=lambda: self.now),
                    lambda user: self.locked.append(str(user.contact.uid)),
                ),
                journal=self.journal,
                sends=twilio,
                calls=twilio,
                items=self.items,
                publish=lambda topic, payload: self.published.append((topic, payload)),
                notify=lambda user, text: self.published.append((user, text)),
                is_down={"openhab": self._is_down},
                clock=lambda: self.now,
                most_per_day=most_per_day,
                is_asked=lambda contact, _said: str(contact.uid) in self.asked,
            ),
            runs,
        )
        self.alarms = self._cases.alarms
        self.taker = self._cases.taker
        self.requests = self._cases.requests

    def _is_down(self) -> bool:
        """Whether openHAB is down; notes what the watchdog was told."""
        self.is_openhab_noticed = self.is_openhab_down
        return self.is_openhab_down

    def __enter__(self) -> Self:
        """Start."""
        self._cases.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        """Stop."""
        self._cases.stop(time.monotonic() + 5)
        self._database.stop()

    def webhook(self, endpoint: Endpoint, fields: Mapping[str, str], *, token: str = "", **query: str) -> Webhook:
        """A webhook of Twilio, from a contact's number."""
        contact = self.things.contact_of_number(fields.get("From", ""), self.phone)
        return Webhook(thing=str(PHONE), endpoint=endpoint, fields=fields, query=query, token=token, contact=contact)

    def text(self, sender: str, body: str, *, sid: str = "") -> str | None:
        """The answer to a text; None if the alarm does not answer it."""
        fields = {"From": sender, "Body": body, "MessageSid": sid}
        taken = self.taker.message(self.webhook("sms", fields), self.phone)
        return taken.twiml if taken else None

    def press(self, menu: str, digits: str, *, call: str, caller: str = "", to: str = "", token: str = "") -> str:
        """What a caller hears after pressing keys in a menu."""
        fields = {"From": caller, "To": to, "CallSid": call, "Digits": digits}
        taken = self.taker.call(self.webhook("gather", fields, token=token, menu=menu), self.phone, GATHER)
        assert taken is not None
        return taken.twiml

    def pass_time(self, seconds: float) -> None:
        """Let time pass, and wait until everything due is done."""
        self.now += seconds
        self._cases.refresh()  # the engine checks what is due after each job

    def look_at_items(self) -> None:
        """Handle a new connection to openHAB: the states of items are read."""
        self._cases.watchdog.items.look()

    def update_item(self, item: str, state: str, *, kind: str = "OnOff") -> None:
        """Handle an update of an item on openHAB's event stream, with a state of this type."""
        topic, payload = f"openhab/items/{item}/stateupdated", json.dumps({"type": kind, "value": state})
        self._cases.watchdog.items.follow(topic, payload)

    def wait(self, condition: Callable[[], object]) -> None:
        """Wait until a condition is true."""
        wait_until(lambda: bool(condition()), 10)

    def stored(self) -> list[str]:
        """The kinds of the records of the newest run that are on disk."""
        return [record.kind for record in self._log.latest(1)]

    def updates(self) -> list[str]:
        """The payloads of `alarm-update`."""
        pending = self.journal.pending("openhab", urgent=False, limit=100)
        return [one.event.payload for one in pending if one.event.channel]

    def view(self) -> AlarmView:
        """The current view of the alarm."""
        (view,) = self.alarms.overview()
        return view
