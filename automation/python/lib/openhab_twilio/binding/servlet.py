"""The servlet on openHAB's port, which the service calls."""

from __future__ import annotations

from openhab_twilio.java.jvm import JavaObject, jclass
from openhab_twilio.java.services import Registration, Services
from twilio_binding.protocol.announcement import PATH
from twilio_binding.protocol.calls import Answered, SignedCalls
from twilio_binding.protocol.signing import HEADER, MAX_BYTES

_WHITEBOARD = "osgi.http.whiteboard.servlet."
SERVLET = "javax.servlet.Servlet"
_STRING = jclass("java.lang.String")


class ScriptServlet:
    """A servlet that answers signed calls; its camel case methods are Java's."""

    def __init__(self, calls: SignedCalls) -> None:
        self._calls = calls
        self._config: JavaObject | None = None

    def register(self, services: Services) -> Registration:
        """Register the servlet below `PATH`."""
        java = services.proxy(SERVLET, self, "twilio-bridge-servlet")
        return services.register(
            SERVLET, java, {_WHITEBOARD + "pattern": f"{PATH}/*", _WHITEBOARD + "name": "twilio-bridge"}
        )

    def init(self, config: JavaObject) -> None:
        """Handle the start of the container."""
        self._config = config

    def getServletConfig(self) -> JavaObject:
        """The argument of `init`."""
        return self._config

    def getServletInfo(self) -> str:
        """The name of the servlet."""
        return "Twilio bridge"

    def destroy(self) -> None:
        """Handle the end of the container."""

    def service(self, request: JavaObject, response: JavaObject) -> None:
        """Answer one request."""
        # Each call into Java takes time that a caller waits, so there are few.
        if str(request.getMethod()) != "POST":
            response.setStatus(405)
            return
        call = str(request.getRequestURI())[len(PATH) + 1 :]
        read = request.getInputStream().readNBytes(MAX_BYTES + 1)
        # Copying byte by byte would be slow in an interpreter.
        body = str(_STRING(read, "ISO-8859-1")).encode("latin-1")
        _send(response, self._calls.answer(call, body, str(request.getHeader(HEADER) or "")))


def _send(response: JavaObject, answered: Answered) -> None:
    """Send an answer; Java's container adds its length."""
    if answered.status != 200:
        response.setStatus(answered.status)
    response.setContentType("application/json;charset=utf-8")
    response.setHeader(HEADER, answered.signature)
    response.getOutputStream().write(answered.body)
