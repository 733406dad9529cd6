"""Loads an example for Python inside openHAB, and runs it until it is ended."""

from __future__ import annotations

import runpy
import sys
import threading

runpy.run_path(sys.argv[1])
threading.Event().wait()
