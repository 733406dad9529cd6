package org.openhab.core.io.transport.mqtt.reconnect;

public abstract class AbstractReconnectStrategy {
    public abstract int firstAfter();

    public abstract int every();
}
