"""The root, system information, the UUID, and resources without content."""

from __future__ import annotations

import time
from collections.abc import Iterable

from twilio_binding.sandbox.openhab.instance import Instance
from twilio_binding.sandbox.openhab.rest.answers import Answer, as_json, as_text, empty, error
from twilio_binding.sandbox.openhab.rest.request import RestRequest, decoded
from twilio_binding.sandbox.openhab.rest.routes import Route, route
from twilio_binding.sandbox.openhab.roles import Role

_RESOURCES = (
    *("actions", "addons", "auth", "channel-types", "config-descriptions", "discovery", "events", "iconsets"),
    *("inbox", "items", "links", "module-types", "profile-types", "rules", "services", "sitemaps", "systeminfo"),
    *("tags", "templates", "thing-types", "things", "transformations", "uuid", "voice"),
)


def routes() -> Iterable[Route]:
    """The routes of these resources."""
    yield route("GET", "", Role.NOBODY, get_root)
    yield route("GET", "systeminfo", Role.ADMIN, get_systeminfo)
    yield route("GET", "uuid", Role.USER, get_uuid)
    yield route("GET", "thing-types", Role.USER, get_thing_types)
    yield route("GET", "thing-types/{id}", Role.USER, get_thing_type)
    yield route("GET", "actions/{id}", Role.USER, get_actions)
    yield route("GET", "services/org.openhab.restauth/config", Role.ADMIN, get_auth_config)
    yield route("PUT", "services/org.openhab.restauth/config", Role.ADMIN, put_auth_config)
    yield route("POST", "discovery/bindings/{id}/scan", Role.ADMIN, scan)
    yield route("POST", "inbox/{id}/approve", Role.ADMIN, approve)
    yield route("GET", "addons", Role.ADMIN, get_addons)
    for path in ("discovery", "inbox"):
        yield route("GET", path, Role.ADMIN, get_nothing)


def get_root(openhab: Instance, request: RestRequest) -> Answer:
    """The root: API level, version and resources."""
    release = openhab.options.release
    body: dict[str, object] = {"version": "8", "locale": "en", "measurementSystem": "SI"}
    if release >= (5, 0):
        zone = openhab.options.zone
        body["timezone"] = "Etc/UTC" if zone == "UTC" else zone
    version = f"{release[0]}.{release[1]}.0"
    body["runtimeInfo"] = {"version": version, "buildString": "Unknown Build No."}
    body["links"] = [{"type": name, "url": f"{request.base}/rest/{name}"} for name in _RESOURCES]
    return as_json(body)


def get_systeminfo(openhab: Instance, request: RestRequest) -> Answer:
    """System, uptime and start level."""
    del request
    facts: dict[str, object] = {
        "configFolder": "/openhab/conf",
        "userdataFolder": "/openhab/userdata",
        "logFolder": "/openhab/userdata/logs",
        "javaVersion": "21.0.8",
        "javaVendor": "Eclipse Adoptium",
        "javaVendorVersion": "Temurin-21.0.8+9",
        "osName": "Linux",
        "osVersion": "6.1",
        "osArchitecture": "amd64",
        "availableProcessors": 2,
        "freeMemory": 41_533_200,
        "totalMemory": 150_994_944,
    }
    facts |= {"uptime": int(time.time() - openhab.began), "startLevel": openhab.startup.level}
    return as_json({"systemInfo": facts})


def get_uuid(openhab: Instance, request: RestRequest) -> Answer:
    """The server's UUID."""
    del request
    return as_text(openhab.uuid)


def get_thing_types(openhab: Instance, request: RestRequest) -> Answer:
    """The thing types that a test has added."""
    del request
    return as_json(list(openhab.things.types.values()))


def get_thing_type(openhab: Instance, request: RestRequest, uid: str) -> Answer:
    """One thing type. The status for an unknown one depends on the version."""
    del request
    found = openhab.things.types.get(decoded(uid))
    if found is not None:
        return as_json(found)
    return empty(404 if openhab.options.release >= (5, 2) else 204)


def get_actions(openhab: Instance, request: RestRequest, uid: str) -> Answer:
    """The actions of a thing. There are none; the status for that depends on the version."""
    del request, uid
    return empty(204 if openhab.options.release >= (5, 2) else 404)


def get_auth_config(openhab: Instance, request: RestRequest) -> Answer:
    """Whether requests without a token have the role USER; empty if this was not changed."""
    del request
    changed = openhab.roles.implicit_user != openhab.options.implicit_user
    return as_json({"implicitUserRole": openhab.roles.implicit_user} if changed else {})


def put_auth_config(openhab: Instance, request: RestRequest) -> Answer:
    """Set whether requests without a token have the role USER. The answer is the previous configuration, if any."""
    body = request.json()
    before = openhab.roles.implicit_user
    if isinstance(body, dict):
        openhab.roles.implicit_user = body.get("implicitUserRole", True) is not False
    return empty(204) if before == openhab.options.implicit_user else as_json({"implicitUserRole": before})


def scan(openhab: Instance, request: RestRequest, binding: str) -> Answer:
    """Start a discovery: 404, because no binding is installed."""
    del openhab, request
    return error(404, f"No discovery service found for binding {binding}")


def approve(openhab: Instance, request: RestRequest, uid: str) -> Answer:
    """Approve an inbox entry: 404, because the inbox is empty."""
    del openhab, request, uid
    return error(404, "Thing unable to be approved.")


def get_addons(openhab: Instance, request: RestRequest) -> Answer:
    """The add-ons: Python Scripting if the script is loaded, else none."""
    del request
    if not openhab.script.is_loaded:
        return as_json([])
    python = {"uid": "automation-pythonscripting", "id": "pythonscripting", "type": "automation"}
    return as_json([python | {"label": "Python Scripting", "installed": True}])


def get_nothing(openhab: Instance, request: RestRequest) -> Answer:
    """An empty list, for resources that need a binding."""
    del openhab, request
    return as_json([])
