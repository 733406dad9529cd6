"""What the console costs while nobody opens it."""

from __future__ import annotations

import subprocess
import sys


def test_pages_are_not_loaded() -> None:
    """The service starts without the pages, the plots and the doctor."""
    program = (
        "import sys; import twilio_binding.app.service; "
        "print([name for name in sys.modules if name.startswith(('twilio_binding.console.p', 'twilio_binding.app.console_', 'twilio_binding.store.past.', 'pygal', 'twilio_binding.doctor'))])"
    )
    told = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, timeout=50, check=True)
    assert told.stdout.strip() == "[]"
