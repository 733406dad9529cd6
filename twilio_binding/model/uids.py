"""UIDs of things and channels, as openHAB writes them."""

from __future__ import annotations

import re
from typing import Self

from twilio_binding.protocol.errors import TwilioBindingError

_SEGMENT = re.compile(r"[A-Za-z0-9_-]+\Z")


class BadUIDError(TwilioBindingError):
    """A text that is not a UID."""

    code = "bad_uid"


class ThingUID(str):
    """`binding:type:[bridge:]id`; raises `BadUIDError` for anything else."""

    __slots__ = ()

    def __new__(cls, text: str) -> Self:
        """Check a text."""
        segments = text.split(":")
        if len(segments) < 3 or not all(_SEGMENT.match(segment) for segment in segments):
            raise BadUIDError(f"{text!r:.120} is not a thing UID; use the form binding:type:id")
        return super().__new__(cls, text)

    @property
    def thing_type(self) -> str:
        """`binding:type`."""
        return ":".join(self.split(":")[:2])

    @property
    def id(self) -> str:
        """The last segment."""
        return self.rpartition(":")[2]

    def child(self, type_id: str, thing_id: str) -> ThingUID:
        """The UID of a thing of the same binding inside this bridge."""
        binding, _, *path = self.split(":")
        return ThingUID(":".join((binding, type_id, *path, thing_id)))
