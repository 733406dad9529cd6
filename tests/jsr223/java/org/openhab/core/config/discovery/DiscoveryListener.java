package org.openhab.core.config.discovery;

public interface DiscoveryListener {
}
