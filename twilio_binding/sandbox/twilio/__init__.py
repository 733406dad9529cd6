"""A stand-in for Twilio: its REST API, its signed webhooks, and a phone to type on.

It follows what was recorded and documented of the real one: error bodies and codes, pages of numbers, forms with all
the fields that real webhooks carry, idempotency tokens, status callbacks that come late, twice or out of order, calls
that walk through TwiML and give up after 15 seconds. Not imitated: prices, segments of long texts beyond a count,
recordings, transcriptions, conferences, and how things sound.

A test starts `TwilioStandIn(Options(...))`, a child process. `python -m twilio_binding.sandbox twilio` prints one JSON
line with `url` and serves until SIGTERM; what is under `/sandbox/` controls it.
"""

from twilio_binding.sandbox.twilio.options import Options
from twilio_binding.sandbox.twilio.standin import CallReport, TwilioStandIn

__all__ = ["CallReport", "Options", "TwilioStandIn"]
