package org.openhab.core.thing.type;

import java.net.URI;
import java.util.List;

import org.openhab.core.thing.ThingTypeUID;

public class ThingType {
    public final ThingTypeUID uid;
    public final String label;
    public final String description;
    public final boolean listed;
    public final String representationProperty;
    public final List<ChannelDefinition> channels;
    public final URI config;
    public final List<String> bridges;
    public final String tag;

    ThingType(ThingTypeBuilder builder) {
        uid = builder.uid;
        label = builder.label;
        description = builder.description;
        listed = builder.listed;
        representationProperty = builder.representationProperty;
        channels = builder.channels;
        config = builder.config;
        bridges = builder.bridges;
        tag = builder.tag;
    }

    public ThingTypeUID getUID() {
        return uid;
    }

    public URI getConfigDescriptionURI() {
        return config;
    }
}
