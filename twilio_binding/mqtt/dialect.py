"""Chooses the version of MQTT: 5 if the broker supports it, else 3.1.1."""

from __future__ import annotations

from paho.mqtt.enums import MQTTProtocolVersion

_NEXT = {
    MQTTProtocolVersion.MQTTv5: MQTTProtocolVersion.MQTTv311,
    MQTTProtocolVersion.MQTTv311: MQTTProtocolVersion.MQTTv5,
}


class Dialect:
    """Begins with MQTT 5, and tries the two in turn until the broker has greeted once; it stays with that one."""

    def __init__(self) -> None:
        self.version = MQTTProtocolVersion.MQTTv5
        self._is_settled = False

    @property
    def is_mqtt_5(self) -> bool:
        """Whether the broker can give reasons, and knows properties."""
        return self.version == MQTTProtocolVersion.MQTTv5

    def greeted(self) -> None:
        """The broker knows this version."""
        self._is_settled = True

    def rejected(self) -> bool:
        """The broker refused the connection, hung up or said nothing; whether another version is to be tried."""
        if not self._is_settled:
            self.version = _NEXT[self.version]
        return not self._is_settled
