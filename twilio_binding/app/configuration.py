"""Builds the configuration: files, openHAB's things, and the cloud URL."""

from __future__ import annotations

from math import inf

from twilio_binding.accounts.cloud_url import CloudURL
from twilio_binding.accounts.configured_things import ConfiguredThings
from twilio_binding.dsl import Calling, ThingsFiles, ThingsFollower, call_here
from twilio_binding.openhab import OpenHABThings
from twilio_binding.settings import Settings
from twilio_binding.store import KeptThings
from twilio_binding.subscribers import Subscribers


class Configuration:
    """All places of configuration; `things` is the result, `changed` is notified when it changed.

    `calling` runs functions that may hang, and `working` those that take long, so that they block nothing.
    """

    def __init__(self, settings: Settings, *, calling: Calling = call_here, working: Calling = call_here) -> None:
        self.changed: Subscribers[[]] = Subscribers()
        self._globs = settings.things_files
        self._kept = KeptThings(settings.data_dir / "things.json", settings.things_files, carry_out=working)
        self.things = ConfiguredThings(on_change=self.changed.notify, keep=self._kept.keep, calling=working)
        self.cloud = CloudURL(self.things.use_cloud_url)
        self._files = ThingsFiles(settings.things_files, on_change=self.things.take_over, calling=calling)
        self._follower = ThingsFollower(self._files)
        self.in_openhab: OpenHABThings | None = None
        if settings.things_in_openhab:
            kept = settings.data_dir / "openhab-things.json"
            self.in_openhab = OpenHABThings(kept)
            self.in_openhab.changed.subscribe(self.things.take_over)
        self.things.read_from(self._files, *([self.in_openhab] if self.in_openhab else []))

    def load(self) -> None:
        """Read the files now, and load their last good content and openHAB's last things."""
        good = self._kept.recall()
        self.things.recall(good)
        self._files.recall(good.values())
        self._files.load()
        if self.in_openhab:
            self.in_openhab.recall()

    @property
    def missing(self) -> str:
        """What is missing for the service to be useful; "" if nothing is."""
        if self.things.current().phones:
            return ""
        if self._files.files or self.in_openhab:
            return "no phone is configured"
        return f"no file matches things = {', '.join(self._globs)}"

    def start(self) -> None:
        """Start following the files."""
        self._follower.start()

    def stop(self, until: float = inf) -> None:
        """Stop following the files."""
        self._follower.stop(until)

    def reload(self) -> None:
        """Read everything again soon, even without a visible change; safe to call from a signal handler."""
        self._follower.reload()
