"""`python -m twilio_binding.sandbox.twilio`: the stand-in as a process of its own."""

from __future__ import annotations

from gevent import monkey

monkey.patch_all()

from twilio_binding.sandbox.twilio.command import main  # noqa: E402 - nothing may be imported before the patch

if __name__ == "__main__":
    main()
