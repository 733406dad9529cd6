package org.openhab.core.config.discovery;

import java.util.Map;
import java.util.TreeMap;

import org.openhab.core.thing.ThingTypeUID;
import org.openhab.core.thing.ThingUID;

public class DiscoveryResultBuilder {
    private final ThingUID uid;
    private final Map<String, Object> properties = new TreeMap<>();
    private ThingTypeUID type;
    private ThingUID bridge;
    private String representation;
    private String label = "";

    private DiscoveryResultBuilder(ThingUID uid) {
        this.uid = uid;
    }

    public static DiscoveryResultBuilder create(ThingUID uid) {
        return new DiscoveryResultBuilder(uid);
    }

    public DiscoveryResultBuilder withThingType(ThingTypeUID value) {
        type = value;
        return this;
    }

    public DiscoveryResultBuilder withBridge(ThingUID value) {
        bridge = value;
        return this;
    }

    public DiscoveryResultBuilder withProperty(String key, Object value) {
        properties.put(key, value);
        return this;
    }

    public DiscoveryResultBuilder withRepresentationProperty(String value) {
        representation = value;
        return this;
    }

    public DiscoveryResultBuilder withLabel(String value) {
        label = value;
        return this;
    }

    public DiscoveryResult build() {
        return new DiscoveryResult(uid, type, bridge, Map.copyOf(properties), representation, label, "NEW");
    }
}
