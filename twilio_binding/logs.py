"""The log: events with fields, numbers masked, secrets and message texts never."""

from __future__ import annotations

import logging
import sys

import structlog
from structlog.typing import EventDict, Processor, WrappedLogger

from twilio_binding.masking import mask_text

_FORBIDDEN = frozenset(("token", "auth_token", "secret", "password", "body", "message", "twiml", "payload"))
_UNMASKED = frozenset(("timestamp", "request_id"))
_LOUD = ("twilio.http_client", "httpx", "httpcore", "urllib3", "paho", "openhab", "sseclient", "amqtt", "transitions")
# Who sends a text or a request chooses some of what is logged: no line of theirs, nothing for a terminal to obey.
# The line feed is left to the renderers, which escape it.
_CONTROLS = {code: f"\\x{code:02x}" for code in (*range(32), *range(0x7F, 0xA0)) if code != ord("\n")}
_CONTROLS |= {code: f"\\u{code:04x}" for code in (0x2028, 0x2029, *range(0x202A, 0x202F), *range(0x2066, 0x206A))}


def configure(level: str = "info", style: str = "text") -> None:
    """Send the log of the whole process to standard error, as text or as JSON lines."""
    shared: list[Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_logger_name,
        structlog.stdlib.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=False),
        structlog.processors.format_exc_info,
        mask,
    ]
    renderer: Processor = (
        structlog.processors.JSONRenderer(ensure_ascii=False)
        if style == "json"
        else structlog.processors.LogfmtRenderer(
            key_order=["timestamp", "level", "event", "logger"], drop_missing=True, bool_as_flag=False
        )
    )
    structlog.configure(
        processors=[structlog.stdlib.filter_by_level, *shared, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        cache_logger_on_first_use=True,
    )
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=shared,
            processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, renderer],
        )
    )
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(level.upper())
    for name in _LOUD:
        # They tell of every request, some with phone numbers in the URL.
        logging.getLogger(name).setLevel(logging.WARNING)


def mask(_logger: WrappedLogger, _method: str, event: EventDict) -> EventDict:
    """Mask numbers in every field, escape control characters, drop what must not be logged, and empty fields."""
    return {
        key: value if key.startswith("_") or isinstance(value, int | float) else _plain(key, str(value))
        for key, value in event.items()
        if key not in _FORBIDDEN and value is not None
    }


def _plain(key: str, text: str) -> str:
    return (text if key in _UNMASKED else mask_text(text)).translate(_CONTROLS)
