"""Dataclasses for the modules that also run inside openHAB, without `dataclasses` there.

In GraalPy, importing `dataclasses` and generating the code of each class takes a third of the time in which openHAB
loads the script, and rules wait meanwhile. So classes there share their methods. These check nothing: mypy and the
tests beside openHAB do, with real dataclasses.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

__all__ = ["dataclass", "field", "replace"]

if TYPE_CHECKING or sys.implementation.name != "graalpy":
    from dataclasses import dataclass, field, replace
else:

    class _Field:
        def __init__(self, **options: object) -> None:
            self.options = options

    class _Value:
        """Its methods are those of all decorated classes. Defaults are attributes of the class."""

        field_names: tuple[str, ...] = ()
        factories: Mapping[str, Callable[[], object]] = {}

        def __init__(self, **values: object) -> None:
            self.__dict__.update(values)
            for name, make in self.factories.items():
                if name not in values:
                    self.__dict__[name] = make()

        def __eq__(self, other: object) -> bool:
            return type(other) is type(self) and all(getattr(self, n) == getattr(other, n) for n in self.field_names)

        def __hash__(self) -> int:
            return hash(tuple([getattr(self, name) for name in self.field_names]))

    def field(**options: object) -> _Field:
        """A field with a `default` or `default_factory`; other options have no effect."""
        return _Field(**options)

    def dataclass(**_: object) -> Callable[[type], type]:
        """Decorate a class whose objects are created with keywords; all options have no effect."""
        return _decorate

    def replace(value: _Value, **changes: object) -> object:
        """A copy with some other values."""
        return type(value)(**{name: getattr(value, name) for name in value.field_names} | changes)

    def _decorate(made: type[_Value]) -> type[_Value]:
        own = tuple(made.__annotations__)
        factories = dict(getattr(made, "factories", {}))
        for name in own:
            given = made.__dict__.get(name)
            if isinstance(given, _Field):
                delattr(made, name)
                if "default" in given.options:
                    setattr(made, name, given.options["default"])
                if "default_factory" in given.options:
                    factories[name] = given.options["default_factory"]
        made.field_names, made.factories = (*getattr(made, "field_names", ()), *own), factories
        for method in ("__init__", "__eq__", "__hash__"):
            setattr(made, method, _Value.__dict__[method])
        return made
