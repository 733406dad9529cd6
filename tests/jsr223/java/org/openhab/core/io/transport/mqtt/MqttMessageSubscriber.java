package org.openhab.core.io.transport.mqtt;

public interface MqttMessageSubscriber {
    void processMessage(String topic, byte[] payload);
}
