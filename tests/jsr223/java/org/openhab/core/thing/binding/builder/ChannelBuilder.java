package org.openhab.core.thing.binding.builder;

import java.util.Set;

import org.openhab.core.thing.Channel;
import org.openhab.core.thing.ChannelUID;
import org.openhab.core.thing.type.ChannelKind;
import org.openhab.core.thing.type.ChannelTypeUID;

public class ChannelBuilder {
    private final ChannelUID uid;
    private final String itemType;
    private ChannelTypeUID type;
    private ChannelKind kind = ChannelKind.STATE;
    private String label;
    private String description;
    private Set<String> tags = Set.of();

    private ChannelBuilder(ChannelUID uid, String itemType) {
        this.uid = uid;
        this.itemType = itemType;
    }

    public static ChannelBuilder create(ChannelUID uid) {
        return new ChannelBuilder(uid, null);
    }

    public static ChannelBuilder create(ChannelUID uid, String acceptedItemType) {
        return new ChannelBuilder(uid, acceptedItemType);
    }

    public ChannelBuilder withType(ChannelTypeUID value) {
        type = value;
        return this;
    }

    public ChannelBuilder withKind(ChannelKind value) {
        kind = value;
        return this;
    }

    public ChannelBuilder withLabel(String value) {
        label = value;
        return this;
    }

    public ChannelBuilder withDescription(String value) {
        description = value;
        return this;
    }

    public ChannelBuilder withDefaultTags(Set<String> value) {
        tags = Set.copyOf(value);
        return this;
    }

    public Channel build() {
        return new Channel(uid, type, itemType, kind, label, description, tags);
    }
}
