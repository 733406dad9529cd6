"""The entry of the process."""

from __future__ import annotations

import gc
import sys


def main() -> None:
    """Run the command line. The service's process is patched for gevent before anything else is imported."""
    if sys.argv[1:2] == ["run"]:
        # What is loaded stays: a collector that looks at it all the time costs a tenth of the start.
        gc.set_threshold(50_000, 20, 50)
        from gevent import monkey  # noqa: PLC0415 - first of all, and only here

        monkey.patch_all()
        # Where rich happens to be installed, structlog loads it for tracebacks in color: 5 MB that no log here shows.
        sys.modules["rich"] = None  # type: ignore[assignment]
    from twilio_binding.cli import cli, standard_streams  # noqa: PLC0415 - after the patch

    with standard_streams():
        cli(prog_name="twilio-binding")


if __name__ == "__main__":
    main()
