"""Topics of the event stream: `openhab/<kind>/<name>/<what happened>`."""

from __future__ import annotations

CHANGES = ("/added", "/removed", "/updated")
"""The ends of topics for changes of a list."""
DISABLED = '"DISABLED"'
"""Part of a status that means "disabled by the user"."""
