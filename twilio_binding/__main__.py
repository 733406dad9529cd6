"""The entry of the process."""

from __future__ import annotations

import gc
import sys
import warnings


def main() -> None:
    """Run the command line. The service's process is patched for gevent before anything else is imported."""
    if sys.argv[1:2] == ["run"]:
        # What is loaded and built until the service runs stays: the collector need not look for what may go.
        gc.set_threshold(50_000, 20, 50)
        gc.disable()
        from gevent import monkey  # noqa: PLC0415 - first of all, and only here

        monkey.patch_all()
        _leave_out_what_nobody_uses()
    from twilio_binding.cli import cli, standard_streams  # noqa: PLC0415 - after the patch

    with standard_streams():
        cli(prog_name="twilio-binding")


def _leave_out_what_nobody_uses() -> None:
    """Spare the service 8 MB of what libraries load only because it is installed.

    structlog would color tracebacks with rich, and no log here has colors. requests would guess the encoding of texts
    that do not tell it; without charset_normalizer it takes them as UTF-8, which is what Twilio sends.
    """
    for name in ("rich", "charset_normalizer"):
        sys.modules[name] = None  # type: ignore[assignment]
    warnings.filterwarnings("ignore", "Unable to find acceptable character detection")


if __name__ == "__main__":
    main()
