"""The WSGI servers. The only package, with the process's entry, that knows gevent."""

from twilio_binding.server.files import Capacity, make_capacity
from twilio_binding.server.web import Gate, ListenError, WebServer

__all__ = ["Capacity", "Gate", "ListenError", "WebServer", "make_capacity"]
