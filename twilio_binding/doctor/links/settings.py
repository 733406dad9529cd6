"""The settings and the things: whether they are valid, and who may read their files."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from shlex import quote

from twilio_binding.doctor.case import Case
from twilio_binding.doctor.links.link import Link
from twilio_binding.doctor.results import LinkResult, failed, ok, warning
from twilio_binding.dsl import ThingsFiles
from twilio_binding.errors import DependencyDownError
from twilio_binding.model.configuration.placeholders import notes
from twilio_binding.openhab import OpenHABRefusedError, OpenHABRequests, OpenHABThings, RestClient
from twilio_binding.plurals import counted

_LOADING = (
    "if the script was installed just now, openHAB loads it within a minute: run the doctor again then; "
    "else add a Twilio Phone Number to the account in openHAB"
)


def look(case: Case) -> Iterator[LinkResult]:
    """Reads what the service reads when it starts."""
    file = case.settings.file
    there = case.wishes.calling(file.is_file)
    yield ok(case.settings.origin, {"file": str(file.resolve()) if there else ""})
    files = ThingsFiles(case.settings.things_files, on_change=case.configured.take_over, calling=case.wishes.calling)
    yield from _things(case, files)
    yield from _modes(case, [*([file] if there else []), *files.files])


def _things(case: Case, files: ThingsFiles) -> Iterator[LinkResult]:
    settings, configured = case.settings, case.configured
    in_openhab = OpenHABThings() if settings.things_in_openhab else None
    configured.read_from(files, *([in_openhab] if in_openhab else []))
    files.load()
    unread = list(_read_openhab(case, in_openhab)) if in_openhab is not None else []
    yield from unread
    configured.take_over()
    for error in configured.errors:
        yield failed(error, "correct it there; until then, the service uses the last good version")
    for problem in configured.problems:
        if problem.severity == "warning":
            yield warning(str(problem), "correct it there")
    things = configured.current()
    if not files.files and settings.things_files:
        cure = "correct `things` in the settings" if settings.file.is_file() else "run `twilio-binding setup`"
        yield failed(f"no file matches things = {', '.join(settings.things_files)}", cure)
    elif in_openhab is not None and not unread and not things.phones and not configured.errors:
        yield failed("openHAB lists no Twilio phone", _LOADING)
    elif not things.phones and not configured.errors:
        yield failed("no phone is configured", "add a Thing phone to the account; things/twilio.things is an example")
    for text in notes(settings.openhab.token.get_secret_value(), things):
        cause, separator, cure = text.partition("; ")
        # No public URL is a valid choice: the service can send.
        yield warning(cause, cure) if separator else ok(f"note: {text}")
    if things.phones:
        counts = {"files": len(files.files), "accounts": len(things.accounts), "phones": len(things.phones)}
        yield ok(", ".join(counted(number, name.removesuffix("s")) for name, number in counts.items()), counts)


def _read_openhab(case: Case, things: OpenHABThings) -> Iterator[LinkResult]:
    requests = OpenHABRequests(case.settings.openhab)
    try:
        things.load(RestClient(requests).things())
    except (DependencyDownError, OpenHABRefusedError) as error:
        yield warning(f"the things in openHAB were not read: {error}", "see the link to openHAB below")
    finally:
        requests.close()


def _modes(case: Case, files: list[Path]) -> Iterator[LinkResult]:
    """Files with tokens that every user of the machine can read."""
    for file in files:
        mode = case.wishes.calling(lambda path=file: path.stat().st_mode)  # type: ignore[misc]
        if mode & 0o004:
            yield warning(
                f"every user of this machine can read {file}, which contains tokens",
                f"chmod o-rwx {quote(str(file))}; the users of the service and of openHAB must still be able to read it",
                {"file": str(file), "mode": f"{mode & 0o777:04o}"},
            )


LINK = Link(id="settings", title="Settings and things", look=look)
