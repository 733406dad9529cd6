"""The MQTT broker: what the service exchanges over it, and the client for programs that use the service.

What is said on the topics of the protocol comes in here; what it means does not. paho is used nowhere else.
"""

from twilio_binding.mqtt.address import BadBrokerURLError, parse_broker_url
from twilio_binding.mqtt.claim import ServiceClaim
from twilio_binding.mqtt.client import Client
from twilio_binding.mqtt.exchange import Exchange
from twilio_binding.mqtt.trial import BrokerTrial, Echo

__all__ = ["BadBrokerURLError", "BrokerTrial", "Client", "Echo", "Exchange", "ServiceClaim", "parse_broker_url"]
