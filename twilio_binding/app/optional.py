"""Parts that most services do not need: loaded, wired and started when a thing needs them, or at their first use."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

import structlog

from twilio_binding.app.on_demand import GroupOnDemand, OnDemand, TakingUp
from twilio_binding.app.stores import Stores
from twilio_binding.app.surroundings import Surroundings
from twilio_binding.dsl import Calling
from twilio_binding.model.alarm_sends import attempt_of
from twilio_binding.model.events import Webhook
from twilio_binding.model.things import Phone
from twilio_binding.protocol.commands import Command
from twilio_binding.protocol.replies import Reply
from twilio_binding.protocol.requests import Request
from twilio_binding.store.remains import has_item_commands, has_people_or_alarms

if TYPE_CHECKING:
    from twilio_binding.alarms.runs import Runs
    from twilio_binding.app.alarms import PeopleAndAlarms
    from twilio_binding.app.item_use import UseOfItems

_log = structlog.get_logger(__name__)


class AlarmRuns(OnDemand["Runs"]):
    """The runs of alarms; senders ask whether a send is still wanted."""

    def __init__(self, stores: Stores) -> None:
        def build() -> Runs:
            from twilio_binding.app.alarms import restored_runs

            return restored_runs(stores)

        super().__init__(build)

    def is_withdrawn(self, request_id: str) -> bool:
        """Whether a send belongs to an alarm that no longer needs it."""
        return attempt_of(request_id) is not None and self.get().is_withdrawn(request_id)


class OptionalGroups:
    """Contacts with alarms, and the use of items. `loading` runs functions that take long, so that they block nothing."""

    def __init__(self, around: Surroundings, runs: AlarmRuns, loading: Calling) -> None:
        self._around = around
        self._runs = runs
        self._loading = loading
        self.people_and_alarms = GroupOnDemand(self._build_people_and_alarms)
        self.item_use = GroupOnDemand(self._build_item_use)
        self._has_recalled = False
        self._take_commands()
        around.offers.prepare = self._be_ready_for
        self.take_up = TakingUp(self.review)
        around.configuration.changed.subscribe(self.take_up)

    def review(self) -> None:
        """Build what the current things need, and what an earlier process left unfinished."""
        things, database = self._around.configuration.things.current(), self._around.stores.database
        recall = not self._has_recalled
        people, items = self.people_and_alarms, self.item_use
        if things.contacts or things.alarms or people.is_built or (recall and has_people_or_alarms(database)):
            people.get()
        is_asked_for = any(map(_asks_for_item_use, things.phones.values()))
        if is_asked_for or items.is_built or (recall and has_item_commands(database)):
            items.get()
        self._has_recalled = True

    def start(self) -> None:
        """Start what is built, and in future what will be built. A failure affects nothing else."""
        self.people_and_alarms.start()
        self.item_use.start()
        self.take_up()

    def stop(self, until: float) -> None:
        """Finish work in progress, by a time of the monotonic clock."""
        self.item_use.stop(until)
        self.people_and_alarms.stop(until)

    def carry_out_for_alarm(self, request: Request) -> Reply:
        """Carry out an action of an alarm; raises `Refusal`."""
        return self.people_and_alarms.get().alarms.requests.carry_out(request)

    def begin_for_contact(self, request: Request, done: Callable[[Reply], None], taken: Callable[[], None]) -> None:
        """Begin an action of a contact; raises `Refusal`."""
        self.people_and_alarms.get().people.requests.begin(request, done, taken)

    def _take_commands(self) -> None:
        """Subscribe to commands to channels from all sources."""
        things, mqtt, openhab = self._around.configuration.things, self._around.mqtt.commands, self._around.openhab
        mqtt.wanted = lambda: bool(things.current().contacts or things.current().alarms)
        mqtt.follow = self._follow
        openhab.commands.take = lambda command: None if mqtt.is_waiting() else self._follow(command)

    def _be_ready_for(self, webhook: Webhook, phone: Phone) -> None:
        """Wait until the use cases that reloaded things need are built, so that a text does not miss them."""
        if webhook.contact is not None:
            self.people_and_alarms.get()
        if _asks_for_item_use(phone):
            self.item_use.get()

    def _follow(self, command: Command, taken: Callable[[], None] = lambda: None) -> None:
        try:
            commands = self.people_and_alarms.get().people.commands
        except Exception:
            _log.error("command.not_taken", thing=command.thing, channel=command.channel, way=command.way)
            raise
        commands.take(command, taken)

    def _build_people_and_alarms(self) -> PeopleAndAlarms:
        def load() -> type[PeopleAndAlarms]:
            from twilio_binding.app.alarms import PeopleAndAlarms

            return PeopleAndAlarms

        return self._loading(load)(self._around, self._runs.get())

    def _build_item_use(self) -> UseOfItems:
        def load() -> type[UseOfItems]:
            from twilio_binding.app.item_use import UseOfItems

            return UseOfItems

        people = self.people_and_alarms.get().people
        return self._loading(load)(self._around, people)


def _asks_for_item_use(phone: Phone) -> bool:
    return phone.commands or phone.menu or phone.strangers != "greet"
