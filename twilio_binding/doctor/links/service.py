"""Whether the service runs with these settings, and what `/ready` reports."""

from __future__ import annotations

from collections.abc import Iterator

from twilio_binding.doctor.case import Case
from twilio_binding.doctor.links.link import Link
from twilio_binding.doctor.results import LinkResult, failed, ok, warning
from twilio_binding.running_service import AdminAnswer, NotRunningError, SilentError, ask
from twilio_binding.settings import split_address
from twilio_binding.settings.places import as_option
from twilio_binding.store import is_in_use

_SETTINGS_READ = "the line settings.read in its log names their file, for --config, or says that they come from variables of its environment"


def look(case: Case) -> Iterator[LinkResult]:
    """Asks `/ready` at admin.listen, and whether a service uses data_dir, which may be another one."""
    case.data_in_use = case.wishes.calling(lambda: is_in_use(case.settings.data_dir))
    admin = case.settings.admin
    if split_address(admin.listen)[1] == 0:
        yield warning("admin.listen has port 0, so the doctor cannot find the service", "give it a port, such as 8766")
        return
    try:
        answer = ask(admin, "/ready")
    except NotRunningError:
        yield (
            _elsewhere(case, admin.listen)
            if case.data_in_use
            else warning(
                "the service is not running",
                f"start it: twilio-binding run{as_option(case.settings.file)}. If it runs, it has other settings "
                f"(nothing listens at admin.listen, {admin.listen})",
            )
        )
    except SilentError as error:
        yield failed(
            f"admin.listen ({admin.listen}): {error}",
            "see the log of the service, and check whether another program uses this port",
        )
    else:
        yield from _told(case, answer, admin.listen)


def _told(case: Case, answer: AdminAnswer, address: str) -> Iterator[LinkResult]:
    if answer.status == 401:
        yield failed(
            f"the program at {address} does not accept admin.token",
            "restart the service with these settings, or correct admin.token",
        )
        return
    entries = answer.dependencies
    if entries is None:
        yield failed(
            f"admin.listen ({address}) is used by another program, which answers {answer.status}",
            "set admin.listen to a free port, or stop the other program",
        )
        return
    reasons = {name: str(entry.get("reason", "")) for name, entry in entries.items() if not entry["up"]}
    case.ready = entries
    if case.data_in_use is False:
        yield failed(
            f"the service at admin.listen ({address}) uses another data folder than data_dir of these settings, "
            f"{case.settings.data_dir.resolve()}",
            f"run this command, and `events` and `install`, with the settings of the service; {_SETTINGS_READ}",
        )
    for name, reason in reasons.items():
        yield warning(f"the service reports for {name}: {reason}", "see the links below", {"neighbour": name})
    for name, entry in entries.items():
        aside = int(entry.get("events_set_aside") or (entry.get("set_aside") if name == "mqtt" else 0) or 0)
        if aside:
            yield warning(
                f"{aside} events for {name} are set aside: they could not be delivered",
                "`twilio-binding events` lists them with their reasons",
            )
    if not reasons:
        yield ok("running, and everything it needs is up", {"neighbours": sorted(entries)})


def _elsewhere(case: Case, address: str) -> LinkResult:
    return warning(
        f"a service uses data_dir {case.settings.data_dir.resolve()}, but nothing listens at admin.listen ({address})",
        "restart the service with these settings, or run the doctor where the service runs, such as in its container, with "
        f"the settings of the service; {_SETTINGS_READ}",
    )


LINK = Link(id="service", title="Service", look=look)
