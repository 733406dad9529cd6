package org.openhab.core.thing.binding.builder;

import java.util.List;

import org.openhab.core.config.core.Configuration;
import org.openhab.core.thing.Channel;
import org.openhab.core.thing.Thing;
import org.openhab.core.thing.ThingTypeUID;
import org.openhab.core.thing.ThingUID;

import house.SimpleThing;

public class ThingBuilder {
    protected final SimpleThing thing;

    protected ThingBuilder(SimpleThing thing) {
        this.thing = thing;
    }

    public static ThingBuilder create(ThingTypeUID type, ThingUID uid) {
        return new ThingBuilder(new SimpleThing(type, uid));
    }

    public ThingBuilder withLabel(String label) {
        thing.setLabel(label);
        return this;
    }

    public ThingBuilder withChannels(List<Channel> channels) {
        thing.setChannels(channels);
        return this;
    }

    public ThingBuilder withConfiguration(Configuration configuration) {
        thing.setConfiguration(configuration);
        return this;
    }

    public ThingBuilder withBridge(ThingUID bridge) {
        thing.setBridgeUID(bridge);
        return this;
    }

    public ThingBuilder withSemanticEquipmentTag(String tag) {
        thing.setSemanticEquipmentTag(tag);
        return this;
    }

    public Thing build() {
        return thing;
    }
}
