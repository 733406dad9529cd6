"""The hourly counts."""

from __future__ import annotations

from typing import Literal

Count = Literal["texts_in", "texts_out", "segments", "calls_in", "calls_out", "failed", "answers", "answer_ms"]
"""`failed` counts sends, and deliveries of texts; `answer_ms` is the sum over all `answers`."""
