"""The doctor: proves the chain from Twilio to an item link by link, and names cause and cure of what is broken.

A way to prove a link comes in here; repairing does not: the doctor changes no setting, no database and nothing at openHAB or Twilio.
"""

from twilio_binding.doctor.case import Case, Wishes
from twilio_binding.doctor.results import LinkResult, Status, failed
from twilio_binding.doctor.runner import run, unreadable_settings

__all__ = ["Case", "LinkResult", "Status", "Wishes", "failed", "run", "unreadable_settings"]
