package org.openhab.core.thing.type;

public class BridgeType extends ThingType {
    BridgeType(ThingTypeBuilder builder) {
        super(builder);
    }
}
