"""Chooses the version of MQTT: 5 if the broker supports it, else 3.1.1."""

from __future__ import annotations

from paho.mqtt.enums import MQTTProtocolVersion

_NEXT = {
    MQTTProtocolVersion.MQTTv5: MQTTProtocolVersion.MQTTv311,
    MQTTProtocolVersion.MQTTv311: MQTTProtocolVersion.MQTTv5,
}


class Dialect:
    """Begins with MQTT 5, and alternates between the versions until the broker has greeted once; then it keeps that one."""

    def __init__(self) -> None:
        self.version = MQTTProtocolVersion.MQTTv5
        self._is_settled = False

    @property
    def is_mqtt_5(self) -> bool:
        """Whether the broker can send reasons and properties."""
        return self.version == MQTTProtocolVersion.MQTTv5

    def greeted(self) -> None:
        """Note that the broker supports this version."""
        self._is_settled = True

    def rejected(self) -> bool:
        """Note that the broker refused the connection, hung up or did not answer; returns whether to try another version."""
        if not self._is_settled:
            self.version = _NEXT[self.version]
        return not self._is_settled
