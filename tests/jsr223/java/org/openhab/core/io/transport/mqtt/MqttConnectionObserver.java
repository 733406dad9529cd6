package org.openhab.core.io.transport.mqtt;

public interface MqttConnectionObserver {
    void connectionStateChanged(MqttConnectionState state, Throwable error);
}
