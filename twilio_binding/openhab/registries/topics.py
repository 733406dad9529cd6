"""What the topics of the event stream have in common: `openhab/<kind>/<name>/<what happened>`."""

from __future__ import annotations

CHANGES = ("/added", "/removed", "/updated")
"""How the topics end that say that a list has changed."""
DISABLED = '"DISABLED"'
"""Part of a status that means "disabled by the user"."""
