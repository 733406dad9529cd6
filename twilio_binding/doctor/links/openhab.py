"""openHAB: whether it answers, its version, its start level, and the rights of the token."""

from __future__ import annotations

from collections.abc import Iterator

from twilio_binding.doctor.case import Case
from twilio_binding.doctor.links.link import Link
from twilio_binding.doctor.results import LinkResult, failed, ok, warning
from twilio_binding.errors import DependencyDownError
from twilio_binding.openhab import OpenHABRefusedError, OpenHABRequests, RestClient, read_release

_OLDEST = (4, 0)
_RULES_RUN = 50
_TOKEN = "create an API token in openHAB as an administrator (user menu, API tokens), and set openhab.token"  # noqa: S105


def look(case: Case) -> Iterator[LinkResult]:
    """Reads the root, which users may read, and the system information, which only administrators may read."""
    requests = OpenHABRequests(case.settings.openhab)
    try:
        yield from _ask(case, requests)
    finally:
        requests.close()


def _ask(case: Case, requests: OpenHABRequests) -> Iterator[LinkResult]:
    try:
        release = read_release(RestClient(requests).root())
    except (DependencyDownError, OpenHABRefusedError) as error:
        yield failed(str(error), _cure(str(error)))
        return
    if release is None:
        yield failed(
            "the server at openhab.url is not openHAB: it reports no version",
            "correct openhab.url; use the form http://192.168.1.5:8080, without /rest",
        )
        return
    facts = {"version": release.text}
    if release.numbers < _OLDEST:
        yield failed(f"{release} is too old", "update openHAB to 4.0 or newer", facts)
    else:
        yield ok(str(release), facts)
    yield from _system(case, RestClient(requests))


def _cure(reason: str) -> str:
    if "refuses the API token" in reason:
        return f"openHAB does not know this token: {_TOKEN}"
    if "asks for an API token" in reason:
        return _TOKEN
    if "certificate" in reason or "TLS" in reason:
        return "for a certificate of your own, set openhab.ca_file"
    if "in front of openHAB" in reason:
        return "set openhab.url to openHAB itself, or let the proxy pass requests of the service"
    if "cut off" in reason:
        return "check whether openhab.url points to openHAB itself; if openHAB is starting, wait"
    if "does not answer" in reason:
        return "check whether openHAB runs, and whether host and port in openhab.url are right"
    return "wait until openHAB has started; if this continues, see openHAB's log and check openhab.url"


def _system(case: Case, rest: RestClient) -> Iterator[LinkResult]:
    has_token = bool(case.settings.openhab.token.get_secret_value())
    try:
        system = rest.system()
    except DependencyDownError as error:
        if "API token" in str(error):
            what = (
                "the API token belongs to a user who is not an administrator" if has_token else "openhab.token is empty"
            )
            yield failed(f"{what}: links, rules and things cannot be read", _TOKEN)
        else:
            yield failed(str(error), _cure(str(error)))
        return
    except OpenHABRefusedError as error:
        yield failed(str(error), "update openHAB to 4.0 or newer")
        return
    level = system.get("startLevel")
    case.is_openhab_up = True
    if not isinstance(level, int):
        yield ok("the token belongs to an administrator")
    elif level < _RULES_RUN:
        yield warning(
            f"openHAB is starting (start level {level}): no rule runs yet", "wait a minute", {"start_level": level}
        )
    else:
        yield ok(f"the token belongs to an administrator; start level {level}", {"start_level": level})


LINK = Link(id="openhab", title="openHAB", look=look, seconds=lambda _: 25.0)
