"""openHAB over REST and its event stream: links, states, trigger events, and who listens."""

from twilio_binding.openhab.neighbour import OpenHABNeighbour
from twilio_binding.openhab.rest import RestClient

__all__ = ["OpenHABNeighbour", "RestClient"]
