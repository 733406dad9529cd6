"""Tokens, the headers that contain them, and their roles."""

from __future__ import annotations

import base64
import binascii
from dataclasses import dataclass
from enum import IntEnum

from twilio_binding.sandbox.openhab.rest.answers import Refused, error


class Role(IntEnum):
    """The role that a request needs. Each includes those before it."""

    NOBODY = 0
    USER = 1
    ADMIN = 2


@dataclass(frozen=True, slots=True, kw_only=True)
class RestCaller:
    """The sender of a request. `name` is empty without a token."""

    role: Role
    name: str = ""


class Roles:
    """The tokens of a server. With `implicit_user`, openHAB's default, requests without a token have the role USER."""

    def __init__(self, admin_token: str, user_token: str, *, implicit_user: bool) -> None:
        self.implicit_user = implicit_user
        self._callers: dict[str, RestCaller] = {}
        if admin_token:
            self._callers[admin_token] = RestCaller(role=Role.ADMIN, name="admin")
        if user_token:
            self._callers[user_token] = RestCaller(role=Role.USER, name="user")

    def caller(self, token_header: str, authorization: str) -> RestCaller:
        """The sender of these headers. An unknown token is refused, also where none is needed."""
        token = token_header or _token(authorization)
        if token is None:
            return RestCaller(role=Role.USER if self.implicit_user else Role.NOBODY)
        caller = self._callers.get(token)
        if caller is None:
            raise Refused(error(401, "Invalid credentials"))
        return caller

    @staticmethod
    def demand(caller: RestCaller, role: Role) -> None:
        """Raise `Refused` unless `caller` has `role`."""
        if caller.role >= role:
            return
        if caller.name:
            raise Refused(error(403, "Access denied"))
        raise Refused(error(401, "Authentication required"))


def _token(authorization: str) -> str | None:
    """The token in an Authorization header; None if openHAB ignores the header."""
    words = authorization.split(" ")
    if len(words) != 2 or words[0].lower() not in {"bearer", "basic"}:
        return None
    if words[0].lower() == "bearer":
        return words[1]
    try:
        user, _, password = base64.b64decode(words[1], validate=True).decode().partition(":")
    except (binascii.Error, ValueError):
        return ""
    return "" if password else user
