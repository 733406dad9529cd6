"""Standard input and output, which the caller may have closed."""

from __future__ import annotations

import errno
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager

_STREAMS = (("stdin", os.O_RDONLY, "r"), ("stdout", os.O_WRONLY, "w"), ("stderr", os.O_WRONLY, "w"))


@contextmanager
def standard_streams() -> Iterator[None]:
    """Replace closed standard streams, and end the command with one line if an output accepts nothing more."""
    for name, flags, mode in _STREAMS:
        if getattr(sys, name) is None:
            # In this order they get the numbers 0 to 2. Otherwise, a database could get one of these numbers, and prints would go to it.
            setattr(sys, name, os.fdopen(os.open(os.devnull, flags), mode, encoding="utf-8"))
    try:
        yield
        sys.stdout.flush()
    except OSError as error:
        if error.filename or error.errno not in (errno.ENOSPC, errno.EIO, errno.EDQUOT):
            raise
        # Otherwise the pending output would fail again at exit.
        os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
        sys.exit(f"Error: the output cannot be written: {error.strerror}")
