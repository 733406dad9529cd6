"""The version of the script. It must be that of the service."""

from __future__ import annotations

VERSION = "0.1.0"
