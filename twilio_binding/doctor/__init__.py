"""The doctor: tests each link of the chain from Twilio to an item, and reports cause and cure of faults.

Tests of links belong here, repairs do not: the doctor changes no setting, no database and nothing at openHAB or Twilio.
"""

from twilio_binding.doctor.case import Case, Wishes
from twilio_binding.doctor.results import LinkResult, Status, failed
from twilio_binding.doctor.runner import run, unreadable_settings

__all__ = ["Case", "LinkResult", "Status", "Wishes", "failed", "run", "unreadable_settings"]
