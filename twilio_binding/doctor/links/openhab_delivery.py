"""How events reach openHAB's rules: the event stream, the relay rule, and the script if it is installed."""

from __future__ import annotations

from collections.abc import Iterator
from urllib.parse import urlsplit

from twilio_binding.doctor.case import Case
from twilio_binding.doctor.links.link import Link
from twilio_binding.doctor.results import LinkResult, failed, ok, skipped, warning
from twilio_binding.errors import DependencyDownError
from twilio_binding.installation import read_secret
from twilio_binding.openhab import OpenHABRefusedError, OpenHABRequests, OpenHABTrial, ScriptClient
from twilio_binding.protocol.announcement import VERSION

_RULE = "the rule twilio-relay"


def look(case: Case) -> Iterator[LinkResult]:
    """Changes nothing in openHAB; runs the relay rule only if no service is running that may use it."""
    if not case.is_openhab_up:
        yield skipped("not tested: openHAB cannot be used")
        return
    trial = OpenHABTrial(case.settings.openhab, case.secret)
    try:
        state, status = trial.rule()
        yield _rule(case, state, status)
        may_run = state == "good" and not case.is_running
        yield _stream(trial.stream(run_rule=may_run), has_run=may_run)
    except (DependencyDownError, OpenHABRefusedError) as error:
        yield failed(str(error), "see openHAB's log, and run the doctor again")
    finally:
        trial.close()
    if case.has_script:
        yield from _script(case)


def _rule(case: Case, state: str, status: str) -> LinkResult:
    facts = {"rule": state, "status": status}
    begins = "the service creates it when it starts"
    match state:
        case "good":
            return ok(f"{_RULE} belongs to this service", facts)
        case "disabled":
            return failed(f"{_RULE} is disabled in openHAB", "enable it in openHAB (Settings, Rules)", facts)
        case "broken":
            return failed(
                f"{_RULE} cannot run: openHAB shows {status or 'no status'}",
                "see the rule in openHAB, and openHAB's log; if you delete the rule, the service creates it again",
                facts,
            )
        case "other secret" if not case.secret:
            cause, cure = _no_secret(case)
            return warning(f"the owner of {_RULE} is unknown: {cause}", cure, facts)
        case "other secret":
            return (failed if case.is_running else warning)(
                f"{_RULE} has the secret of a service with another data folder",
                "connect only one service to this openHAB; two overwrite this rule in turn, and events get lost; "
                + begins,
                facts,
            )
        case "other version" | "missing" if case.is_running:
            what = "is missing" if state == "missing" else "is of another version"
            return warning(f"{_RULE} {what}, although the service runs", "restart the service", facts)
    return ok(f"{_RULE} {'does not exist yet' if state == 'missing' else 'is of another version'}; {begins}", facts)


def _no_secret(case: Case) -> tuple[str, str]:
    """Why the secret is not known, and what to do."""
    folder = case.settings.data_dir.resolve()
    try:
        read_secret(case.settings.secret_file)
    except OSError as error:
        return (
            f"the secret in {folder} cannot be read ({error.strerror})",
            "run the doctor as root or as the user of the service",
        )
    return (
        f"there is no secret in {folder}, because the service has not run with this data_dir yet",
        "if another service uses this openHAB, stop it first: two overwrite this rule in turn; the service replaces it when it starts",
    )


def _stream(reason: str, *, has_run: bool) -> LinkResult:
    if not reason:
        return ok("the event stream is open" + (", and shows a run of the relay rule" if has_run else ""))
    if "did not confirm" in reason:
        return failed(
            f"the relay rule ran, but nothing came on the event stream ({reason})",
            "a proxy may delay the stream: set openhab.url to openHAB itself, or turn off its buffering; else see openHAB's log",
        )
    return failed(reason, "set openhab.url to openHAB itself: a proxy must pass /rest/events without buffering")


def _script(case: Case) -> Iterator[LinkResult]:
    """The script must have our secret and version, and answer."""
    announced = case.announcement
    cure = f"run `twilio-binding install <openHAB's conf folder>` with data_dir {case.settings.data_dir.resolve()}"
    if not case.secret:
        yield skipped(f"the script inside openHAB was not asked: {_no_secret(case)[0]}")
        return
    if announced is not None and announced.version != VERSION:
        yield failed(
            "the script in openHAB is of another version than the service", cure, {"version": announced.version}
        )
        return
    script, requests = ScriptClient(case.secret, cure=cure), OpenHABRequests(case.settings.openhab)
    try:
        if announced is not None:
            script.announce(announced)
        answers = script.ask(requests)
    finally:
        requests.close()
    case.script_answers = answers
    host = urlsplit(case.settings.openhab.url).netloc
    if answers and announced is not None:
        facts = {"features": announced.features, "bridge": announced.bridge}
        yield ok("the script in openHAB answers, with the secret of this service", facts)
    elif answers:
        yield warning(
            "the script in openHAB answers, but has not announced itself on the broker: actions of rules do not reach the service",
            "check whether the script uses the broker of mqtt.url (`twilio-binding install --mqtt-url`), and at openHAB's log",
        )
    elif script.problem:
        cause, _, what = script.problem.partition("; ")
        yield failed(cause, what or cure)
    else:
        yield failed(
            f"the script in openHAB does not answer at {host}",
            f"look at openHAB's log whether it was loaded (Python Scripting is installed, and twilio.py is there); else {cure}",
        )


LINK = Link(id="openhab-delivery", title="openHAB: rule, script and event stream", look=look, seconds=lambda _: 45.0)
