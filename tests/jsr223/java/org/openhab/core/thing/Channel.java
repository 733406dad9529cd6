package org.openhab.core.thing;

import java.util.Set;

import org.openhab.core.thing.type.ChannelKind;
import org.openhab.core.thing.type.ChannelTypeUID;

public record Channel(ChannelUID uid, ChannelTypeUID channelTypeUID, String acceptedItemType, ChannelKind kind,
        String label, String description, Set<String> defaultTags) {
    public ChannelUID getUID() {
        return uid;
    }

    public ChannelKind getKind() {
        return kind;
    }

    public String getAcceptedItemType() {
        return acceptedItemType;
    }
}
