"""The MQTT broker: what the service exchanges over it, and the client for programs that use the service.

Topics and messages of the protocol belong here; what a request means does not. Only this package uses paho.
"""

from twilio_binding.mqtt.address import BadBrokerURLError, parse_broker_url
from twilio_binding.mqtt.claim import ServiceClaim
from twilio_binding.mqtt.client import Client
from twilio_binding.mqtt.exchange import Exchange
from twilio_binding.mqtt.trial import BrokerTrial, Echo

__all__ = ["BadBrokerURLError", "BrokerTrial", "Client", "Echo", "Exchange", "ServiceClaim", "parse_broker_url"]
