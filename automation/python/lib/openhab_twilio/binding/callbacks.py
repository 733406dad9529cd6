"""Twilio's callbacks on openHAB's own port: passed on to the service, byte for byte, by Jetty's proxy."""

from __future__ import annotations

from openhab_twilio.binding.servlet import SERVLET
from openhab_twilio.java.jvm import optional, warning
from openhab_twilio.java.services import Services

PATH = "/twilio/callback"
_PROXY = "org.eclipse.jetty.proxy.AsyncProxyServlet$Transparent"
_WHITEBOARD = "osgi.http.whiteboard.servlet."
_MILLISECONDS = "60000"
"""Longer than a call can be held."""


class CallbackProxy:
    """A proxy below `PATH` to the service's listener `address` (http://host:port); none for ""."""

    def __init__(self, services: Services, address: str) -> None:
        self._services = services
        self._address = address
        self.is_open = False

    def open(self) -> None:
        """Open the proxy, if it is wanted and Jetty has one."""
        self.is_open = False
        if not self._address:
            return
        proxy = optional(_PROXY)
        if proxy is None:
            warning("openHAB's port cannot receive callbacks: openHAB's Jetty has no proxy")
            return
        self._services.register(
            SERVLET,
            proxy(),
            {
                _WHITEBOARD + "pattern": f"{PATH}/*",
                _WHITEBOARD + "name": "twilio-callback",
                _WHITEBOARD + "asyncSupported": True,
                "servlet.init.proxyTo": self._address + PATH,
                "servlet.init.prefix": PATH,
                "servlet.init.maxThreads": "16",
                "servlet.init.timeout": _MILLISECONDS,
                "servlet.init.idleTimeout": _MILLISECONDS,
                "servlet.init.maxConnections": "512",
                "servlet.init.preserveHost": "true",
            },
        )
        self.is_open = True
