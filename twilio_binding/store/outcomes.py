"""What stands in place of 1 where a lane does not deliver an event."""

from __future__ import annotations

LIMITED, SET_ASIDE, GIVEN_UP = 2, 3, 4
"""It was beyond a limit; the lane can never deliver it; somebody decided that it is not delivered."""
