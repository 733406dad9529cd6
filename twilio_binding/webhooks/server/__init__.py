"""The WSGI server: connections, HTTP read strictly, limits. It serves the webhooks and the console.

Only this package and the entry of the process know gevent; it knows nothing of Twilio.
"""

from twilio_binding.webhooks.server.files import Capacity, make_capacity
from twilio_binding.webhooks.server.right_of_way import RightOfWay
from twilio_binding.webhooks.server.threads import RealThread
from twilio_binding.webhooks.server.web import WebServer

__all__ = ["Capacity", "RealThread", "RightOfWay", "WebServer", "make_capacity"]
