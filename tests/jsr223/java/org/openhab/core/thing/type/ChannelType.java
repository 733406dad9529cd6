package org.openhab.core.thing.type;

import java.util.List;

import org.openhab.core.types.StateDescriptionFragment;

public record ChannelType(ChannelTypeUID uid, ChannelKind kind, String label, String description, String itemType,
        boolean advanced, List<String> tags, StateDescriptionFragment state, AutoUpdatePolicy autoUpdate) {
    public ChannelTypeUID getUID() {
        return uid;
    }
}
