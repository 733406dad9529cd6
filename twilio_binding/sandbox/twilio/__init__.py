"""A stand-in for Twilio: its REST API, its signed webhooks, and a phone that users operate in the console.

It imitates what was recorded at Twilio, and Twilio's documentation:

- Basic authentication, error bodies and codes, the magic numbers of Twilio's test credentials, pages, filters. A
  message to +150055 followed by an error code (+15005530003) fails with that error. STOP and START have an effect.
- The signature of a webhook is for the configured URL, also with `deliver_to`; that of a call over HTTPS leaves out the
  port. Webhooks have all fields of Twilio's, and an idempotency token. If no connection is established within 5 s, the
  webhook is sent again; after any other failure, such as no answer within 15 s, it is not.
- Status callbacks can be late, missing, repeated or out of order (`configure`).
- Calls carry out TwiML, press keys, speak and hang up, and can be changed over REST meanwhile. Failures are reported
  with Twilio's codes: 11100, 11200, 11205, 11750, 12100, 12300; 12200, 13520 and 13521 are warnings.
- Applications, trunks, messaging services and a region can take over the texts and calls of numbers. An account that is
  not active refuses everything except requests about itself (with 403, which is a guess).

Not imitated: prices of single messages and calls, schedules, fallback URLs, redirects, the limit of calls per second,
conferences and queues, and sound. A messaging service sends from the account's first number. Two things are guesses: error
21220 for a call that is over, and the status `no-answer` of a call whose caller hangs up while it is ringing.

A test starts `TwilioStandIn(Options(...))`, a child process; `TwilioControl(url)` controls a running one.
`python -m twilio_binding.sandbox twilio` prints one JSON line with `url` and `control`, and serves until SIGTERM. A
program that is patched by gevent can use `server.serve`.
"""

from __future__ import annotations

from twilio_binding.sandbox.twilio.client import CallReport, TwilioControl
from twilio_binding.sandbox.twilio.options import TwilioOptions
from twilio_binding.sandbox.twilio.standin import TwilioStandIn

__all__ = ["CallReport", "TwilioControl", "TwilioOptions", "TwilioStandIn"]
