"""The boundary to Java: classes by name, proxies that let no error escape, the log.

In GraalPy, errors of Java are not an `Exception` but a `BaseException`. Everything that Java calls, and every call into
Java that may fail, goes through this module.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import java

JavaObject = Any
"""An object, a class or a service of the JVM."""


_LASTING = ("java.", "org.openhab.core.thing.", "org.openhab.core.types.", "org.openhab.core.library.")
"""Packages whose classes are cached, because a look-up is slow. Classes of add-ons can disappear, and are not cached."""
_known: dict[str, JavaObject] = {}


def jclass(name: str) -> JavaObject:
    """The class `name`, for creating objects and calling static methods."""
    found = _known.get(name)
    if found is None:
        found = java.type(name)
        if name.startswith(_LASTING):
            _known[name] = found
    return found


def optional(name: str) -> JavaObject | None:
    """The class `name`; None if this openHAB does not have it."""
    try:
        return java.type(name)
    except BaseException:
        return None


def has(made: JavaObject, method: str) -> bool:
    """Whether an object has a method, even if the missing attribute of a Java object raises something else than AttributeError."""
    try:
        return getattr(made, method, None) is not None
    except BaseException:
        return False


def constant(enum: str, name: str, otherwise: str) -> JavaObject:
    """The constant `name` of an enum; the constant `otherwise` if this openHAB does not have it."""
    try:
        return jclass(enum).valueOf(name)
    except BaseException:
        return jclass(enum).valueOf(otherwise)


_LOG = jclass("org.slf4j.LoggerFactory").getLogger("org.openhab.automation.pythonscripting.twilio_bridge")
_IDENTITY = jclass("java.lang.System").identityHashCode


def info(text: str) -> None:
    """Log an info message."""
    _LOG.info(text)


def warning(text: str) -> None:
    """Log a warning."""
    _LOG.warn(text)


def words(error: BaseException) -> str:
    """The text of a Python or Java error (GraalPy cannot always create the latter)."""
    try:
        return f"{type(error).__name__}: {error}"
    except BaseException:
        return type(error).__name__


def attempt(what: str, action: Callable[[], object]) -> bool:
    """Call something that may fail; returns whether it succeeded. A failure is logged."""
    try:
        action()
    except BaseException as error:
        warning(f"{what} failed: {words(error)}")
        return False
    return True


def proxy(interface: JavaObject, target: object, name: str) -> JavaObject:
    """A Java object of `interface` (a Class) whose methods call those of `target` with the same names.

    A missing or failing method returns null, or false. The object belongs to the bundle of the interface, because
    openHAB asks for the bundle of its services.
    """
    known: dict[str, tuple[Callable[..., object] | None, bool | None]] = {}

    def invoke(self: JavaObject, method: JavaObject, args: JavaObject | None) -> object:
        called = str(method.getName())
        if called not in known:
            if called == "hashCode":
                return _IDENTITY(self)
            if called == "equals":
                return args is not None and _IDENTITY(self) == _IDENTITY(args[0])
            if called == "toString":
                return name
            nothing = False if str(method.getReturnType().getName()) == "boolean" else None
            known[called] = getattr(target, called, None), nothing
        function, nothing = known[called]
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
