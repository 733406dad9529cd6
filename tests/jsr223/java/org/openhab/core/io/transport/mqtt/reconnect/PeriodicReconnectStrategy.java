package org.openhab.core.io.transport.mqtt.reconnect;

public class PeriodicReconnectStrategy extends AbstractReconnectStrategy {
    private final int frequency;
    private final int first;

    public PeriodicReconnectStrategy() {
        this(60000, 10000);
    }

    public PeriodicReconnectStrategy(int reconnectFrequency, int firstReconnectAfter) {
        frequency = reconnectFrequency;
        first = firstReconnectAfter;
    }

    @Override
    public int firstAfter() {
        return first;
    }

    @Override
    public int every() {
        return frequency;
    }
}
