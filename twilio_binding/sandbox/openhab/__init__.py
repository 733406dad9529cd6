"""A stand-in for an openHAB server: REST, server-sent events, `.items` files and the relay rule.

It imitates what was recorded on openHAB 5.3 and 5.1, peculiarities included:

- A state is accepted with 202 and set a moment later, in order, with the events `state`, `stateupdated` and
  `statechanged`. Each item type accepts the recorded texts; refusals have the recorded statuses and bodies. JSON has
  Gson's escapes. An exception is answered as JSON inside a JSON string.
- A wrong token gets 401 everywhere, also where none is needed. Links, things and rules need an administrator (401,
  403); a user who asks for all rules gets 401. Tokens are accepted as Bearer, X-OPENHAB-TOKEN, or Basic with an empty
  password.
- Links come from `.items` files even without things, follow changes of the files within a second, and a file that
  does not parse removes its items. Over REST a link needs an existing channel.
- runnow answers 200, whatever happens to the run. From 5.2 on, a busy rule queues the run; before, it drops it
  (`version`).
- One timer sends `alive` on all event streams every 10 s. Events have no ids and are not replayed. A topic filter with
  a forbidden character is never answered. Idle connections are closed after 30 s.
- While openHAB starts, it first refuses connections, then answers 404, then 401 for valid tokens, then 200 and 202 but
  loses runs and states, with changes back and forth, until it works (`startup_factor`). An enabled thing without a
  handler keeps the start level at 70.

Rules DSL cannot run here. The relay rule, recognized by its first line `// twilio-relay <n>`, is emulated (see `relay`);
all other rules only count their runs. The control API (`control_api`, on its own port) shows what happened.

Not imitated: the time to check a token, functions of groups other than OR, AND, MIN and MAX, profiles, persistence and restoring of states, the
WebSocket, the inbox, thing actions, OpenAPI, sessions and JWT, 431 for long headers, the order of parallel requests,
SSE clients that block the whole server, and triggered runs that take time.

A test starts `OpenHABStandIn(Options(...))`, a child process. A program that is itself patched by gevent may use
`server.OpenHABServer`. `python -m twilio_binding.sandbox openhab --items DIR --token T` prints one JSON
line with `url` and `control` and serves until SIGTERM.
"""

from __future__ import annotations

from twilio_binding.sandbox.openhab.client import OpenHABStandIn
from twilio_binding.sandbox.openhab.options import OpenHABOptions

__all__ = ["OpenHABOptions", "OpenHABStandIn"]
