"""The edge to Java: classes by name, proxies that let nothing escape, services, the log.

Errors of Java are no `Exception` in GraalPy but a `BaseException`; everything that Java calls, and every call into Java
that may fail, is fenced here.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import java

JavaObject = Any
"""An object, a class or a service of the JVM."""

_NOTHING: Mapping[str, object] = {}


def jclass(name: str) -> JavaObject:
    """The class `name`, to make objects of and to call static methods on."""
    return java.type(name)


def optional(name: str) -> JavaObject | None:
    """The class `name`; None where this openHAB does not have it."""
    try:
        return java.type(name)
    except BaseException:
        return None


def has(made: JavaObject, method: str) -> bool:
    """Whether an object has a method; where openHAB's own answer to a missing attribute is no AttributeError."""
    try:
        return getattr(made, method, None) is not None
    except BaseException:
        return False


def constant(enum: str, name: str, otherwise: str) -> JavaObject:
    """The constant `name` of an enum; that of `otherwise` where this openHAB does not have it."""
    try:
        return jclass(enum).valueOf(name)
    except BaseException:
        return jclass(enum).valueOf(otherwise)


_LOG = jclass("org.slf4j.LoggerFactory").getLogger("org.openhab.automation.pythonscripting.twilio_bridge")
_IDENTITY = jclass("java.lang.System").identityHashCode


def info(text: str) -> None:
    """Log what an operator wants to know."""
    _LOG.info(text)


def warning(text: str) -> None:
    """Log what an operator has to know."""
    _LOG.warn(text)


def words(error: BaseException) -> str:
    """An error in words, of Python or of Java (whose own text GraalPy cannot always make)."""
    try:
        return f"{type(error).__name__}: {error}"
    except BaseException:
        return type(error).__name__


def attempt(what: str, action: Callable[[], object]) -> bool:
    """Do something that may fail; whether it succeeded. A failure is logged."""
    try:
        action()
    except BaseException as error:
        warning(f"{what} failed: {words(error)}")
        return False
    return True


def proxy(interface: JavaObject, target: object, name: str) -> JavaObject:
    """A Java object of `interface` (a Class) whose methods are those of `target` with the same names.

    A method that is missing or fails gives null, or false. The object belongs to the bundle of the interface: openHAB
    asks for the bundle of what it is given.
    """

    def invoke(self: JavaObject, method: JavaObject, args: JavaObject | None) -> object:
        called = str(method.getName())
        if called == "hashCode":
            return _IDENTITY(self)
        if called == "equals":
            return args is not None and _IDENTITY(self) == _IDENTITY(args[0])
        if called == "toString":
            return name
        nothing = False if str(method.getReturnType().getName()) == "boolean" else None
        function = getattr(target, called, None)
        if function is None:
            return nothing
        try:
            return function(*(args or ()))
        except BaseException as error:
            warning(f"{name}.{called} failed: {words(error)}")
            return nothing

    # Interfaces of the JDK belong to the boot loader, which is null.
    loader = interface.getClassLoader() or jclass("java.lang.ClassLoader").getSystemClassLoader()
    return jclass("java.lang.reflect.Proxy").newProxyInstance(loader, [interface], invoke)


def array_list(values: list[JavaObject]) -> JavaObject:
    """A java.util.ArrayList of values."""
    result = jclass("java.util.ArrayList")()
    for value in values:
        result.add(value)
    return result


def runnable(action: Callable[[], object]) -> JavaObject:
    """A java.lang.Runnable."""

    class Target:
        def run(self) -> None:
            action()

    return proxy(jclass("java.lang.Class").forName("java.lang.Runnable"), Target(), "twilio-task")


class Registration:
    """One registered service; it is withdrawn once, whoever asks."""

    def __init__(self, interface: str, registration: JavaObject) -> None:
        self._interface = interface
        self._registration: JavaObject | None = registration

    def withdraw(self) -> None:
        """Unregister it."""
        registration, self._registration = self._registration, None
        if registration is not None:
            attempt(f"unregistering {self._interface}", registration.unregister)


class Services:
    """The bundle context of the scripting add-on: what we register goes with `withdraw`, the last one first."""

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

    def withdraw(self) -> None:
        """Withdraw all services, the last one first."""
        while self._registrations:
            self._registrations.pop().withdraw()

    def find(self, name: str) -> JavaObject | None:
        """A service of openHAB; None where there is none."""
        reference = self.context.getServiceReference(name)
        return None if reference is None else self.context.getService(reference)

    def has_bundle(self, symbolic_name: str) -> bool:
        """Whether a bundle is active, or about to be."""
        starting, active = 8, 32
        return any(
            str(bundle.getSymbolicName()) == symbolic_name and bundle.getState() in (starting, active)
            for bundle in self.context.getBundles()
        )

    def before_bundle(self, symbolic_name: str, action: Callable[[], object]) -> Callable[[], None]:
        """Call `action` whenever a bundle is about to start, which then waits for it. Returns what ends this."""

        class Target:
            def bundleChanged(self, event: JavaObject) -> None:
                starting = 128
                if event.getType() == starting and str(event.getBundle().getSymbolicName()) == symbolic_name:
                    action()

        listener = proxy(self.load("org.osgi.framework.SynchronousBundleListener"), Target(), "twilio-bundles")
        self.context.addBundleListener(listener)
        return lambda: self.context.removeBundleListener(listener)

    def kept(self, key: str) -> JavaObject:
        """A ConcurrentHashMap that outlives the script: a service that nobody withdraws; it goes with the add-on."""
        found = self.context.getServiceReferences("java.util.Map", f"(keep={key})")
        if found:
            return self.context.getService(found[0])
        kept = jclass("java.util.concurrent.ConcurrentHashMap")()
        table = jclass("java.util.Hashtable")()
        table.put("keep", key)
        self.context.registerService("java.util.Map", kept, table)
        return kept
