"""Writes the tables of docs/reference from the code: `make reference`. With `--check` it only lists the pages that differ.

A table is between `<!-- begin NAME -->` and `<!-- end NAME -->`. The text around it is written by hand.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Callable, Iterable
from functools import partial
from pathlib import Path
from typing import Any

import click
from pydantic import BaseModel, SecretStr

from twilio_binding.cli import COMMANDS, cli
from twilio_binding.metrics import Metrics
from twilio_binding.protocol.parameters import ThingType
from twilio_binding.protocol.thing_types import THING_TYPES
from twilio_binding.settings import Settings

PAGES = Path(__file__).resolve().parents[1] / "docs" / "reference"
_TABLE = re.compile(r"(<!-- begin (\w+) -->\n).*?(<!-- end \2 -->)", re.DOTALL)
_RESULTS = {"boolean": "true or false", "text": "text or null", "nothing": "nothing"}


def settings() -> str:
    """Each setting with its default and meaning."""
    return _table(("Setting", "Default", "Meaning"), _settings(Settings))


def _settings(model: type[BaseModel], prefix: str = "") -> Iterable[tuple[str, ...]]:
    for name, field in model.model_fields.items():
        value: Any = field.get_default(call_default_factory=True)
        if isinstance(value, BaseModel):
            yield from _settings(type(value), f"{prefix}{name}.")
            continue
        shown = str(value.get_secret_value() if isinstance(value, SecretStr) else value).replace("'", '"')
        yield f"`{prefix}{name}`", f"`{shown}`" if shown else "", field.description or ""


def _parameters(thing: ThingType) -> str:
    rows = (
        (
            f"`{one.name}`",
            one.kind.lower() + (", secret" if one.secret else ""),
            f"`{one.default}`" if one.default else "",
            "yes" if one.required else "no",
            one.description + (f" Values: {', '.join(value for value, _ in one.options)}." if one.options else ""),
        )
        for one in thing.parameters
    )
    return _table(("Parameter", "Type", "Default", "Required", "Meaning"), rows)


def _states(thing: ThingType) -> str:
    rows = ((f"`{one.id}`", one.item, one.description) for one in thing.channels if one.item)
    return _table(("Channel", "Item type", "State"), rows)


def _triggers(thing: ThingType) -> str:
    rows = ((f"`{one.id}`", one.description) for one in thing.channels if not one.item)
    return _table(("Channel", "Fires when, and its payload"), rows)


def _actions(thing: ThingType) -> str:
    rows = (
        (f"`{one.name}({', '.join(each.name for each in one.inputs)})`", _RESULTS[one.kind], one.description)
        for one in thing.actions
        if one.is_listed
    )
    return _table(("Action", "A rule gets", "Effect"), rows)


def _of_things() -> Iterable[tuple[str, Callable[[], str]]]:
    """The tables of each thing type: `contact`, `contact_states` and so on."""
    kinds = {"": _parameters, "_states": _states, "_triggers": _triggers, "_actions": _actions}
    for thing in THING_TYPES:
        yield from ((f"{thing.id}{kind}", partial(write, thing)) for kind, write in kinds.items())


def metrics() -> str:
    """The metrics with their labels."""
    rows = sorted(
        tuple(getattr(one, name) for name in ("_name", "_type", "_labelnames", "_documentation"))
        for one in Metrics().registry._collector_to_names  # noqa: SLF001
    )
    cells = ((f"`{name}`", kind, ", ".join(f"`{one}`" for one in labels), text) for name, kind, labels, text in rows)
    return _table(("Metric", "Type", "Labels", "Meaning"), cells)


def commands() -> str:
    """The commands with their options."""
    return "\n".join(_command(path, command) for path, command in _commands(cli, "twilio-binding"))


def _commands(group: click.Group, path: str) -> Iterable[tuple[str, click.Command]]:
    context = click.Context(group)
    # The groups below have their commands in the order in which they were added.
    for name in COMMANDS if group is cli else group.list_commands(context):
        command = group.get_command(context, name)
        if isinstance(command, click.Group):
            yield from _commands(command, f"{path} {name}")
        elif command is not None:
            yield f"{path} {name}", command


def _command(path: str, command: click.Command) -> str:
    context = click.Context(command, info_name=path)
    usage = " ".join([path, *command.collect_usage_pieces(context)])
    text = f"### `{path}`\n\n{_one_line(command.help or '')}\n\n`{usage}`\n"
    # The page says what --config is; arguments without a text are in the usage.
    records = [record for one in command.params if one.name != "config" and (record := one.get_help_record(context))]
    rows = [(f"`{option}`", _one_line(meaning)) for option, meaning in records if meaning]
    return text + ("\n" + _table(("Option", "Meaning"), rows) if rows else "")


def _one_line(text: str) -> str:
    return " ".join(text.split())


def _table(heads: tuple[str, ...], rows: Iterable[Iterable[str]]) -> str:
    lines = [heads, ("---",) * len(heads), *rows]
    return "".join(f"| {' | '.join(cell.replace('|', chr(92) + '|') for cell in line)} |\n" for line in lines)


TABLES: dict[str, Callable[[], str]] = {
    **{one.__name__: one for one in (settings, metrics, commands)},
    **dict(_of_things()),
}


def written(page: str) -> str:
    """A page with its tables from the current code."""
    return _TABLE.sub(lambda found: found[1] + TABLES[found[2]]() + found[3], page)


def main() -> None:
    """Write the pages, or list those that differ."""
    texts = {path: path.read_text(encoding="utf-8") for path in sorted(PAGES.glob("*.md"))}
    differing = [path for path, text in texts.items() if written(text) != text]
    if "--check" in sys.argv:
        sys.exit("\n".join(f"{path.name} differs from the code; run make reference" for path in differing) or None)
    for path in differing:
        path.write_text(written(texts[path]), encoding="utf-8")
        click.echo(f"{path.name} is written anew")


if __name__ == "__main__":
    main()
