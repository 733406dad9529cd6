"""The service under another limit for open files: `NOFILE=soft:hard python -m few_files run`."""

from __future__ import annotations

import os
import resource

from twilio_binding.__main__ import main

if __name__ == "__main__":
    soft, hard = map(int, os.environ["NOFILE"].split(":"))
    resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))
    main()
