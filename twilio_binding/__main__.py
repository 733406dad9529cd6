"""The entry of the process."""

from __future__ import annotations

import gc
import os
import sys
import warnings


def main() -> None:
    """Run the command line. The service's process is patched for gevent before anything else is imported."""
    _use_utf_8()
    if sys.argv[1:2] == ["run"]:
        # Everything loaded and built until the service runs stays, so the collector need not scan it. From then on, a scan of
        # 2,000 new objects takes 0.4 ms.
        gc.set_threshold(2_000, 100, 50)
        gc.disable()
        from gevent import events, monkey  # noqa: PLC0415 - first of all, and only here

        # Else gevent looks for plugins in all installed packages, thirty times.
        events.notify_and_call_entry_points = events.notify
        monkey.patch_all()
        _leave_out_what_nobody_uses()
    from twilio_binding.cli import cli, standard_streams  # noqa: PLC0415 - after the patch

    with standard_streams():
        cli(prog_name="twilio-binding")


def _use_utf_8() -> None:
    """Start again in UTF-8 mode if the locale has only ASCII, as Python itself does unless PYTHONUTF8=0.

    Otherwise texts, answers and paths with other letters could not be read, written and printed.
    """
    if sys.getfilesystemencoding() == "ascii" and os.environ.get("PYTHONUTF8") != "1":
        os.environ["PYTHONUTF8"] = "1"
        os.execv(sys.executable, [sys.executable, *sys.orig_argv[1:]])  # noqa: S606 - the same program, with the same arguments


def _leave_out_what_nobody_uses() -> None:
    """Save 8 MB for libraries that others load only because they are installed.

    structlog would color tracebacks with rich, but no log here has colors. requests would guess the encoding of texts
    without charset; without charset_normalizer it assumes UTF-8, which Twilio sends.
    """
    for name in ("rich", "charset_normalizer"):
        sys.modules[name] = None  # type: ignore[assignment]
    warnings.filterwarnings("ignore", "Unable to find acceptable character detection")


if __name__ == "__main__":
    main()
