package org.openhab.core.config.discovery;

import java.util.Collection;

import org.openhab.core.thing.ThingTypeUID;

public interface DiscoveryService {
    Collection<ThingTypeUID> getSupportedThingTypes();

    boolean isScanInputSupported();

    String getScanInputLabel();

    String getScanInputDescription();

    int getScanTimeout();

    boolean isBackgroundDiscoveryEnabled();

    void startScan(ScanListener listener);

    void startScan(String input, ScanListener listener);

    void abortScan();

    void addDiscoveryListener(DiscoveryListener listener);

    void removeDiscoveryListener(DiscoveryListener listener);
}
