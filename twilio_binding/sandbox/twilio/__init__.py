"""A stand-in for Twilio: its REST API, its signed webhooks, and a phone to type on.

It follows what was recorded and documented of the real one:

- Basic authentication, error bodies and codes, the magic numbers of Twilio's test credentials, pages, filters. A
  message to +150055 and an error code (+15005530003) comes to that end; STOP and START of a sender count.
- Webhooks are signed over the URL as it is configured, whatever `deliver_to` says; for calls over HTTPS without its
  port. They carry all the fields that real ones carry, and an idempotency token. No connection within 5 s is tried
  again; after 15 s, or for any other reason, nothing is.
- Status callbacks come late, not at all, twice or out of order (`configure`).
- Calls walk through TwiML, type, speak, hang up, and are changed over REST while they go on. What goes wrong is told
  by Twilio's code: 11100, 11200, 11205, 11750, 12100, 12300; 12200, 13520 and 13521 are warnings.
- Numbers have applications, trunks, messaging services and a region, which take their texts and calls; an account that
  is not active refuses everything but itself (with 403, which is a guess).

Not imitated: prices, schedules, fallback URLs, redirects, the limit of calls per second, conferences
and queues, and how things sound. A Messaging Service sends from the account's first number. Error 21220 for a call that
is over, and what a caller's hanging up does to a call that is still ringing (`no-answer`), are guesses.

A test starts `TwilioStandIn(Options(...))`, a child process; `TwilioControl(url)` controls one that runs.
`python -m twilio_binding.sandbox twilio` prints one JSON line with `url` and `control`, and serves until SIGTERM; a
program that is itself patched by gevent may use `server.serve`.
"""

from __future__ import annotations

from twilio_binding.sandbox.twilio.client import CallReport, TwilioControl
from twilio_binding.sandbox.twilio.options import TwilioOptions
from twilio_binding.sandbox.twilio.standin import TwilioStandIn

__all__ = ["CallReport", "TwilioControl", "TwilioOptions", "TwilioStandIn"]
