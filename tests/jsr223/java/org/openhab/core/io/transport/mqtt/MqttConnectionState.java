package org.openhab.core.io.transport.mqtt;

public enum MqttConnectionState {
    DISCONNECTED, CONNECTING, CONNECTED
}
