"""The version of the script; it goes with the service's."""

from __future__ import annotations

VERSION = "0.1.0"
