"""The WSGI servers. The only package, with the process's entry, that knows gevent."""

from twilio_binding.webhooks.server.files import Capacity, make_capacity
from twilio_binding.webhooks.server.threads import RealThread
from twilio_binding.webhooks.server.web import ConcurrencyLimit, ListenError, WebServer

__all__ = ["Capacity", "ConcurrencyLimit", "ListenError", "RealThread", "WebServer", "make_capacity"]
