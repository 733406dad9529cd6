"""What `createProxyMediaUrl` fetches from: cameras and other web servers, only where that is allowed.

How something is fetched safely comes in here; when it is fetched, and what is kept, is decided in `media`.
"""

from twilio_binding.sources.addresses import AllowedHosts
from twilio_binding.sources.fetcher import Credentials, SourceFetcher
from twilio_binding.sources.own import OwnPages
from twilio_binding.sources.reach import Reach, resolve

__all__ = ["AllowedHosts", "Credentials", "OwnPages", "Reach", "SourceFetcher", "resolve"]
