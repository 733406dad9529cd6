"""A stand-in for an openHAB server: REST, server-sent events, `.items` files and the relay rule.

For developing the service. It follows what was recorded on openHAB 5.3 and 5.1, its peculiarities included:

- A state is accepted with 202 and comes a moment later, in order, as `state`, `stateupdated` and `statechanged`.
  What an item type takes as text, and the bodies and statuses of refusals, are those recorded. JSON has Gson's
  escapes; a crash answers JSON inside a JSON string.
- A wrong token is worse than none (401 everywhere); links, things and rules need an administrator (401, 403); a user
  asking for all rules is told 401. Tokens come as Bearer, X-OPENHAB-TOKEN or Basic with an empty password.
- Links come from `.items` files even without things, follow changes of the files within a second, and a file that
  does not parse removes its items. Over REST a link needs an existing channel.
- runnow is 200 whatever became of the run. From 5.2 a busy rule queues it; up to 5.1 it is dropped (`version`).
- Streams send `alive` every 10 s by one timer for all, carry no ids and replay nothing; a topic filter with a
  forbidden character is never answered. Idle connections are closed after 30 s.
- A start goes from refused over 404, 401 for valid tokens and flaps to a server that answers 200 and 202 and loses
  runs and states, until it works (`startup_factor`); an enabled thing without handler keeps the start level at 70.

Rules DSL cannot run here. The relay rule, recognised by a first line `// twilio-relay <n>`, is emulated (see `relay`);
any other rule only counts its runs. The control API (`control_api`, on a port of its own) reads back what happened.

Not imitated: the cost of checking a token, group functions, profiles, persistence and restoring of states, the
WebSocket, the inbox, thing actions, OpenAPI, sessions and JWT, 431 for long headers, ordering among parallel requests,
SSE clients that stall the whole server, and triggered runs that take time.

A test starts `OpenHABStandIn(Options(...))`, a child process. A program that is itself patched by gevent may use
`server.OpenHABServer`. `python -m twilio_binding.sandbox openhab --items DIR --token T` prints one JSON
line with `url` and `control` and serves until SIGTERM.
"""

from __future__ import annotations

from twilio_binding.sandbox.openhab.client import OpenHABStandIn
from twilio_binding.sandbox.openhab.options import OpenHABOptions

__all__ = ["OpenHABOptions", "OpenHABStandIn"]
