package org.openhab.core.io.transport.mqtt;

public record MqttWillAndTestament(String topic, byte[] payload, int qos, boolean retain) {
}
