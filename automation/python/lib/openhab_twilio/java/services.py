"""OSGi services: those that the script registers, and those of openHAB."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from openhab_twilio.java.jvm import JavaObject, attempt, jclass, proxy

_NOTHING: Mapping[str, object] = {}


class Registration:
    """One registered service; it is withdrawn only once."""

    def __init__(self, interface: str, registration: JavaObject) -> None:
        self._interface = interface
        self._registration: JavaObject | None = registration

    def withdraw(self) -> None:
        """Unregister it."""
        registration, self._registration = self._registration, None
        if registration is not None:
            attempt(f"unregistering {self._interface}", registration.unregister)

    def release(self) -> JavaObject:
        """Leave it registered, for others to withdraw."""
        registration, self._registration = self._registration, None
        return registration


class Services:
    """The bundle context of the scripting add-on: `withdraw` removes everything that we registered, the last one first."""

    def __init__(self, context: JavaObject) -> None:
        self.context = context
        self._registrations: list[Registration] = []

    def load(self, name: str) -> JavaObject:
        """The Class `name`, as the add-on's bundle sees it."""
        return self.context.getBundle().loadClass(name)

    def register(
        self, interface: str, service: JavaObject, properties: Mapping[str, object] = _NOTHING
    ) -> Registration:
        """Register a service until it is withdrawn."""
        table = jclass("java.util.Hashtable")()
        for key, value in properties.items():
            table.put(key, value)
        registration = Registration(interface, self.context.registerService(interface, service, table))
        self._registrations.append(registration)
        return registration

    def adopt(self, interface: str, registration: JavaObject) -> Registration:
        """Take over a service that an older copy of the script has registered, until it is withdrawn."""
        adopted = Registration(interface, registration)
        self._registrations.append(adopted)
        return adopted

    def proxy(self, interface: str, target: object, name: str) -> JavaObject:
        """A Java object of `interface` whose methods are those of `target`."""
        return proxy(self.load(interface), target, name)

    def offer(self, interface: str, target: object, name: str) -> Registration:
        """Register a proxy of `interface` for a Python object."""
        return self.register(interface, self.proxy(interface, target, name))

    def forget(self, registration: Registration) -> None:
        """Withdraw one service."""
        registration.withdraw()
        self._registrations = [known for known in self._registrations if known is not registration]

    def withdraw(self, down_to: Registration | None = None) -> None:
        """Withdraw all services, the last one first, or only those after one of them."""
        while self._registrations:
            last = self._registrations.pop()
            last.withdraw()
            if last is down_to:
                return

    def find(self, name: str) -> JavaObject | None:
        """A service of openHAB; None if there is none."""
        reference = self.context.getServiceReference(name)
        return None if reference is None else self.context.getService(reference)

    def has_bundle(self, symbolic_name: str) -> bool:
        """Whether a bundle is active or starting."""
        starting, active = 8, 32
        return any(
            str(bundle.getSymbolicName()) == symbolic_name and bundle.getState() in (starting, active)
            for bundle in self.context.getBundles()
        )

    def before_bundle(self, symbolic_name: str, action: Callable[[], object]) -> Callable[[], None]:
        """Call `action` before a bundle starts; the bundle waits for it. Returns a function that ends this."""

        class Target:
            def bundleChanged(self, event: JavaObject) -> None:
                starting = 128
                if event.getType() == starting and str(event.getBundle().getSymbolicName()) == symbolic_name:
                    action()

        listener = proxy(self.load("org.osgi.framework.SynchronousBundleListener"), Target(), "twilio-bundles")
        self.context.addBundleListener(listener)
        return lambda: self.context.removeBundleListener(listener)

    def kept(self, key: str) -> JavaObject:
        """A ConcurrentHashMap that survives the script: a service that is never withdrawn, until the add-on stops."""
        found = self.context.getServiceReferences("java.util.Map", f"(keep={key})")
        if found:
            return self.context.getService(found[0])
        kept = jclass("java.util.concurrent.ConcurrentHashMap")()
        table = jclass("java.util.Hashtable")()
        table.put("keep", key)
        self.context.registerService("java.util.Map", kept, table)
        return kept
