"""openHAB over REST and its event stream: links, states, trigger events, and who listens."""

from twilio_binding.openhab.neighbour import OpenHABNeighbour
from twilio_binding.openhab.pictures import OpenHABPictures
from twilio_binding.openhab.rest import RestClient
from twilio_binding.openhab.things import OpenHABThings

__all__ = ["OpenHABNeighbour", "OpenHABPictures", "OpenHABThings", "RestClient"]
