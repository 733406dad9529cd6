"""MQTT: the service's exchange of requests and replies, and the client for programs that use it."""

from twilio_binding.mqtt.client import Client
from twilio_binding.mqtt.connection import BadBrokerURLError, parse_broker_url
from twilio_binding.mqtt.exchange import Exchange
from twilio_binding.mqtt.presence import ServiceClaim

__all__ = ["BadBrokerURLError", "Client", "Exchange", "ServiceClaim", "parse_broker_url"]
