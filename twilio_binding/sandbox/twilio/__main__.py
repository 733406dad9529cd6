"""`python -m twilio_binding.sandbox.twilio`: the stand-in as a process of its own."""

from __future__ import annotations

import os
import sys

if __name__ == "__main__":
    # By now the package has been imported, and with it what gevent must patch before: begin again.
    os.execv(sys.executable, [sys.executable, "-m", "twilio_binding.sandbox", "twilio", *sys.argv[1:]])
