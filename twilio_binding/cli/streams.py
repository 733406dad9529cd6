"""Standard input and output, which the caller may have closed."""

from __future__ import annotations

import codecs
import errno
import io
import os
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress

_STREAMS = (("stdin", os.O_RDONLY, "r"), ("stdout", os.O_WRONLY, "w"), ("stderr", os.O_WRONLY, "w"))

_PLAIN = {"✓": "+", "✗": "x", "→": "->", "…": "..."}
"""What is printed where the encoding of the output lacks a character; "?" for others."""
_PLAIN_ERRORS = "twilio-binding-plain"


def _plain(error: UnicodeError) -> tuple[str | bytes, int]:
    if not isinstance(error, UnicodeEncodeError):
        raise error
    character = error.object[error.start]
    if "\udc80" <= character <= "\udcff":  # a byte of a file name that is not UTF-8
        return bytes([ord(character) - 0xDC00]), error.start + 1
    return _PLAIN.get(character, "?"), error.start + 1


codecs.register_error(_PLAIN_ERRORS, _plain)


@contextmanager
def standard_streams() -> Iterator[None]:
    """Replace closed standard streams, and end the command with one line if an output accepts nothing more.

    Characters that the encoding of an output lacks are replaced.
    """
    for name, flags, mode in _STREAMS:
        if getattr(sys, name) is None:
            # In this order they get the numbers 0 to 2. Otherwise, a database could get one of these numbers, and prints would go to it.
            setattr(sys, name, os.fdopen(os.open(os.devnull, flags), mode, encoding="utf-8"))
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors=_PLAIN_ERRORS)
    try:
        yield
        sys.stdout.flush()
    except SystemExit as end:
        _leave_threads(end.code)
        raise
    except OSError as error:
        if error.filename or error.errno not in (errno.ENOSPC, errno.EIO, errno.EDQUOT):
            raise
        # Otherwise the pending output would fail again at exit.
        os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
        sys.exit(f"Error: the output cannot be written: {error.strerror}")


def _leave_threads(code: object) -> None:
    """End the process at once if threads are left that search or test something, such as after Ctrl-C.

    Python crashes if such a thread returns from a library, such as OpenSSL, while the interpreter ends.
    """
    is_service = sys.argv[1:2] == ["run"]
    if is_service or not isinstance(code, int | None) or threading.active_count() == 1:
        return
    with suppress(OSError):
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(code or 0)
