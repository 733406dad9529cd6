package org.openhab.core.config.discovery;

import java.util.Map;

import org.openhab.core.thing.ThingTypeUID;
import org.openhab.core.thing.ThingUID;

public record DiscoveryResult(ThingUID thingUID, ThingTypeUID thingTypeUID, ThingUID bridgeUID,
        Map<String, Object> properties, String representationProperty, String label, String flag) {
    public ThingUID getThingUID() {
        return thingUID;
    }
}
