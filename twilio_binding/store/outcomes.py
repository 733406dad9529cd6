"""The values that mark events which a lane does not deliver."""

from __future__ import annotations

LIMITED, SET_ASIDE, GIVEN_UP = 2, 3, 4
"""Over a limit; set aside because the lane can never deliver it; dropped by a user."""
