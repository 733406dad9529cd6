"""openHAB's REST API for items, on a socket; the test controls its answers."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

from twilio_binding.dsl import parse_things
from twilio_binding.model.configuration import load_things
from twilio_binding.openhab.usable_items import UsableItems
from twilio_binding.people.item_use import ItemUse, ItemUser
from twilio_binding.settings import OpenHABSettings
from twilio_binding.store import Database
from twilio_binding.store.asked_back import SqliteAskedBack
from twilio_binding.store.item_commands import SqliteItemCommands

_FILE = """
Bridge twilio:account:a [ accountSid="AC00000000000000000000000000000000", authToken="t", publicUrl="https://h.example" ] {
  Thing phone p [ phoneNumber="+15551234567" ]
  Thing contact ada "Ada" [ phoneNumber="+15557654321", language="en", rights="read,command" ]
}
"""


class House:
    """Items with metadata `twilio`. While it `fails_after` a command, reads fail; it `loses` answers to commands.

    While it `is_late`, an item has its new state only after it was read once.
    """

    def __init__(self, folder: Path, **items: str) -> None:
        self.states = items
        self.entries: list[dict[str, Any]] = [
            {
                "name": name,
                "type": "Switch",
                "label": name,
                "groupNames": [],
                "metadata": {"twilio": {"value": name.lower(), "config": {}}},
            }
            for name in items
        ]
        self.commands: list[tuple[str, str]] = []
        self.is_down = self.fails_after = self.loses = self.is_late = False
        self.coming: dict[str, str] = {}
        self.refuses: dict[str, int] = {}
        """HTTP statuses by item whose commands fail."""
        self.now = 1000.0
        self._database = Database(folder / "db")
        self._database.start()
        self.book = SqliteItemCommands(self._database, clock=lambda: self.now)
        self.asked = SqliteAskedBack(self._database, clock=lambda: self.now)
        house = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                path = self.path.partition("?")[0].removeprefix("/rest/items").strip("/")
                if house.fails_after and house.commands:
                    return self._give(503, b"")
                if not path:
                    return self._give(200, json.dumps([house.one(str(one["name"])) for one in house.entries]).encode())
                shown = json.dumps(house.one(path)).encode()
                if path in house.coming:
                    house.states[path] = house.coming.pop(path)
                return self._give(200, shown)

            def do_POST(self) -> None:
                command = self.rfile.read(int(self.headers["Content-Length"])).decode()
                item = self.path.rpartition("/")[2]
                house.commands.append((item, command))
                if "interpreters" in self.path:
                    return self._give(200, b"Ok.")
                if item in house.refuses:
                    return self._give(house.refuses[item], b"")
                for entry in house.entries:
                    if item in (entry["name"], *(entry["groupNames"] or ())):
                        (house.coming if house.is_late else house.states)[str(entry["name"])] = command
                if house.loses:
                    self.close_connection = True
                    return None
                return self._give(200, b"")

            def _give(self, status: int, content: bytes) -> None:
                self.send_response(status)
                self.send_header("Content-Length", str(len(content)))
                self.end_headers()
                self.wfile.write(content)

            def log_message(self, *_: object) -> None:
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.02,), daemon=True)
        self._thread.start()
        url = f"http://127.0.0.1:{self._server.server_port}"
        self.items = UsableItems(OpenHABSettings(url=url), is_down=lambda: self.is_down)
        self.use = ItemUse(self.items, self.book)
        things = load_things(parse_things(_FILE, "f"))[0]
        (contact,) = things.contacts.values()
        self.user = ItemUser(contact=contact, phone=contact.phone, way="text", language="en")

    def one(self, name: str) -> dict[str, object]:
        """An item as openHAB describes it."""
        entry = next(one for one in self.entries if one["name"] == name)
        return {**entry, "state": self.states[name]}

    def command(self, item: str, value: str) -> str:
        """Command an item; returns the reply to the contact."""
        return self.use.command(self.user, self.use.reachable(self.user.contact).by_name[item], value)

    def close(self) -> None:
        """Close it."""
        self.items.close()
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()
        self._database.stop()


@contextmanager
def house(folder: Path, **items: str) -> Iterator[House]:
    """A house with these items and their states."""
    built = House(folder, **items)
    try:
        yield built
    finally:
        built.close()
