"""Errors of the database."""

from __future__ import annotations

from twilio_binding.protocol.errors import TwilioBindingError


class DatabaseBusyError(TwilioBindingError):
    """A write was not on disk in time."""

    code = "database_busy"
    retryable = True


class DatabaseClosedError(TwilioBindingError):
    """The database is closed or was never opened."""

    code = "database_closed"
    retryable = True


class DatabaseUnusableError(TwilioBindingError):
    """The file cannot be opened, mostly because the disk is full or the folder belongs to another user."""

    code = "database_unusable"


class DatabaseTooNewError(TwilioBindingError):
    """The database was written by a newer version of the program."""

    code = "database_too_new"
