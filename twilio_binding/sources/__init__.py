"""Fetches pictures for `createProxyMediaUrl` from cameras and other web servers that are allowed.

How to fetch safely belongs here; when to fetch, and what to keep, is decided in `media`.
"""

from twilio_binding.sources.addresses import AllowedHosts
from twilio_binding.sources.fetcher import Credentials, SourceFetcher
from twilio_binding.sources.own import OwnPages
from twilio_binding.sources.reach import Reach, resolve

__all__ = ["AllowedHosts", "Credentials", "OwnPages", "Reach", "SourceFetcher", "resolve"]
