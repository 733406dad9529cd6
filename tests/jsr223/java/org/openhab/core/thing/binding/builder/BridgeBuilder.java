package org.openhab.core.thing.binding.builder;

import org.openhab.core.thing.Bridge;
import org.openhab.core.thing.ThingTypeUID;
import org.openhab.core.thing.ThingUID;

import house.SimpleThing;

public class BridgeBuilder extends ThingBuilder {
    private BridgeBuilder(SimpleThing.SimpleBridge bridge) {
        super(bridge);
    }

    public static BridgeBuilder create(ThingTypeUID type, ThingUID uid) {
        return new BridgeBuilder(new SimpleThing.SimpleBridge(type, uid));
    }

    @Override
    public Bridge build() {
        return (Bridge) thing;
    }
}
