"""Services that the Main UI needs to add things: an installed add-on, and a discovery service."""

from __future__ import annotations

from collections.abc import Callable

from openhab_twilio.java.jvm import JavaObject, array_list, attempt, jclass, warning
from openhab_twilio.java.services import Services
from openhab_twilio.version import VERSION
from twilio_binding.protocol.parameters import BINDING, PHONE

_ADD_ON = "org.openhab.core.addon."
_UID = f"binding-{BINDING}"
_SCAN_SECONDS = 10


class AddOn:
    """An `AddonService` with one installed add-on: this script. Its camel case methods are openHAB's."""

    def __init__(self) -> None:
        self._add_on: JavaObject | None = None
        self._type: JavaObject | None = None

    def register(self, services: Services) -> None:
        """Register the service, if this openHAB has the interface."""
        attempt("offering the add-on entry for the UI", lambda: self._register(services))

    def _register(self, services: Services) -> None:
        self._type = jclass(_ADD_ON + "AddonType")("binding", "Bindings")
        builder = jclass(_ADD_ON + "Addon").create(_UID)
        builder.withType("binding").withId(BINDING).withLabel("Twilio Binding").withVersion(VERSION)
        builder.withContentType("text/x-python").withAuthor("Twilio for openHAB").withInstalled(True)
        builder.withConnection("cloud")
        builder.withDescription(
            "Sends and receives texts, WhatsApp messages and calls. This script needs the service of Twilio for openHAB."
        )
        self._add_on = builder.build()
        services.offer(_ADD_ON + "AddonService", self, "twilio-add-on")

    def getId(self) -> str:
        """The id of the service."""
        return "twilio-binding"

    def getName(self) -> str:
        """The name that the UI shows."""
        return "Twilio for openHAB"

    def refreshSource(self) -> None:
        """Do nothing."""

    def getAddons(self, _locale: JavaObject) -> JavaObject:
        """The one add-on."""
        return array_list([self._add_on])

    def getAddon(self, uid: str, _locale: JavaObject) -> JavaObject:
        """The add-on of this id, or null."""
        return self._add_on if str(uid) in (_UID, BINDING) else None

    def getTypes(self, _locale: JavaObject) -> JavaObject:
        """The types of add-ons."""
        return array_list([self._type])

    def install(self, _uid: str) -> None:
        """Do nothing, because it is installed."""

    def uninstall(self, _uid: str) -> None:
        """Do nothing: `twilio-binding install --remove` removes the files."""
        warning("to remove the Twilio script, run `twilio-binding install --remove <openHAB's conf folder>`")


class PhoneDiscovery:
    """A `DiscoveryService` for phones: `scan` makes the service search, and the results appear in the inbox as usual."""

    def __init__(self, scan: Callable[[], None]) -> None:
        self._scan = scan
        self._types: JavaObject | None = None

    def register(self, services: Services) -> None:
        """Register the service."""
        attempt("offering a discovery for the UI", lambda: self._register(services))

    def _register(self, services: Services) -> None:
        self._types = array_list([jclass("org.openhab.core.thing.ThingTypeUID")(BINDING, PHONE.id)])
        services.offer("org.openhab.core.config.discovery.DiscoveryService", self, "twilio-discovery")

    def getSupportedThingTypes(self) -> JavaObject:
        """The thing types to discover: phones."""
        return self._types

    def getScanTimeout(self) -> int:
        """The seconds for which the UI shows a scan."""
        return _SCAN_SECONDS

    def isBackgroundDiscoveryEnabled(self) -> bool:
        """True, because the service searches every hour."""
        return True

    def startScan(self, *arguments: JavaObject) -> None:
        """Begin a scan, and return; the listener is the last argument, after an unused input."""
        self._scan()
        listener = arguments[-1]
        if listener is not None:
            listener.onFinished()
