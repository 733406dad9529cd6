"""The alarms for the console."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from twilio_binding.app.on_demand import GroupOnDemand

if TYPE_CHECKING:
    from twilio_binding.alarms.alarms import Alarms
    from twilio_binding.alarms.views import AlarmView
    from twilio_binding.app.alarms import PeopleAndAlarms


class ConsoleAlarms:
    """All alarms. Without configured alarms the list is empty, and reading it does not load the code for alarms."""

    def __init__(self, group: GroupOnDemand[PeopleAndAlarms]) -> None:
        self._group = group

    def overview(self) -> Sequence[AlarmView]:
        """All alarms, each with its newest run."""
        return self._alarms.overview() if self._group.is_built else ()

    def history(self) -> Sequence[AlarmView]:
        """The runs of all alarms, newest first."""
        return self._alarms.history() if self._group.is_built else ()

    def start(self, uid: str, message: str = "", *, by: str = "", is_test: bool = False) -> AlarmView:
        """Start an alarm; raises `Refusal` if there is none."""
        return self._alarms.start(uid, message, by=by, is_test=is_test)

    def acknowledge(self, uid: str, by: str) -> AlarmView:
        """Acknowledge an alarm, so that nobody else is notified."""
        return self._alarms.acknowledge(uid, by)

    def end(self, uid: str, by: str = "") -> AlarmView:
        """End an alarm."""
        return self._alarms.end(uid, by)

    @property
    def _alarms(self) -> Alarms:
        return self._group.get().alarms.alarms
