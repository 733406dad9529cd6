"""A stand-in for Twilio: its REST API, its signed webhooks, and a phone to type on.

It follows recordings and the documentation of the real Twilio:

- Basic authentication, error bodies and codes, the magic numbers of Twilio's test credentials, pages, filters. A
  message to +150055 followed by an error code (+15005530003) fails with that error. STOP and START have an effect.
- Webhooks are signed over the configured URL, whatever `deliver_to` is; for calls over HTTPS, without its port. They
  have all the fields of real webhooks, and an idempotency token. A webhook that gets no connection within 5 s is sent
  again. After any other failure, such as no answer within 15 s, it is not.
- Status callbacks come late, not at all, twice or out of order (`configure`).
- Calls carry out TwiML, press keys, speak and hang up, and can be changed over REST meanwhile. Failures are reported
  with Twilio's codes: 11100, 11200, 11205, 11750, 12100, 12300; 12200, 13520 and 13521 are warnings.
- Applications, trunks, messaging services and a region can take over the texts and calls of numbers. An account that is
  not active refuses everything except requests about itself (with 403, which is a guess).

Not imitated: prices of single messages and calls, schedules, fallback URLs, redirects, the limit of calls per second, conferences
and queues, and sound. A Messaging Service sends from the account's first number. Two things are guesses: error 21220 for a
call that is over, and the status `no-answer` of a call whose caller hangs up while it is ringing.

A test starts `TwilioStandIn(Options(...))`, a child process; `TwilioControl(url)` controls a running one.
`python -m twilio_binding.sandbox twilio` prints one JSON line with `url` and `control`, and serves until SIGTERM; a
program that is itself patched by gevent may use `server.serve`.
"""

from __future__ import annotations

from twilio_binding.sandbox.twilio.client import CallReport, TwilioControl
from twilio_binding.sandbox.twilio.options import TwilioOptions
from twilio_binding.sandbox.twilio.standin import TwilioStandIn

__all__ = ["CallReport", "TwilioControl", "TwilioOptions", "TwilioStandIn"]
