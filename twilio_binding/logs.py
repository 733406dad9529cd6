"""The log: events with fields. Numbers are masked; secrets and message texts are never logged."""

from __future__ import annotations

import logging
import sys
import threading
import time
from dataclasses import dataclass

import structlog
from structlog.typing import EventDict, Processor, WrappedLogger

from twilio_binding.masking import loggable

_log = structlog.get_logger(__name__)
_FORBIDDEN = frozenset(("token", "auth_token", "secret", "password", "body", "message", "twiml", "payload"))
_UNMASKED = frozenset(("timestamp", "request_id"))
_LOUD = ("twilio.http_client", "httpx", "httpcore", "urllib3", "paho", "openhab", "sseclient", "amqtt", "transitions")


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
    handler.addFilter(Flood())
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(level.upper())
    for name in _LOUD:
        # These libraries log every request, some with phone numbers in the URL.
        logging.getLogger(name).setLevel(logging.WARNING)


def mask(_logger: WrappedLogger, _method: str, event: EventDict) -> EventDict:
    """Mask numbers in all fields, escape control characters, and drop empty and forbidden fields."""
    return {
        key: value
        if key.startswith("_") or isinstance(value, int | float)
        else loggable(str(value), is_masked=key not in _UNMASKED)
        for key, value in event.items()
        if key not in _FORBIDDEN and value is not None
    }


@dataclass(slots=True)
class _Minute:
    """The number of lines of one kind since `began`."""

    began: float
    lines: int = 0


class Flood(logging.Filter):
    """Limits each kind of warning or error to `most` lines in `span` seconds; then one line gives the number of dropped lines.

    A kind is the name of an event, or a library's format string. One kind that occurs a thousand times a second neither
    fills the disk nor hides other kinds.
    """

    def __init__(self, *, most: int = 30, span: float = 60.0) -> None:
        super().__init__()
        self._most = most
        self._span = span
        self._lock = threading.Lock()
        self._minutes: dict[str, _Minute] = {}

    def filter(self, record: logging.LogRecord) -> bool:
        """Whether the record is written."""
        if record.levelno < logging.WARNING:
            return True
        message: object = record.msg
        kind = str(message.get("event", "") if isinstance(message, dict) else message)[:200]
        now = time.monotonic()
        with self._lock:
            minute = self._minutes.get(kind)
            if minute is None or (now - minute.began >= self._span and minute.lines <= self._most):
                self._forget(now)
                minute = self._minutes[kind] = _Minute(now)
            minute.lines += 1
            if minute.lines == self._most + 1:
                timer = threading.Timer(max(0.0, minute.began + self._span - now), self._tell, (kind,))
                timer.daemon = True
                timer.start()
            return minute.lines <= self._most

    def _forget(self, now: float) -> None:
        for kind, minute in tuple(self._minutes.items()):
            if now - minute.began >= self._span and minute.lines <= self._most:
                del self._minutes[kind]

    def _tell(self, kind: str) -> None:
        with self._lock:
            more = self._minutes.pop(kind).lines - self._most
        _log.warning("log.left_out", kind=kind, lines=more, seconds=round(self._span))
