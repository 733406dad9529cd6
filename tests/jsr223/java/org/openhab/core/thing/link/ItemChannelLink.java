package org.openhab.core.thing.link;

import org.openhab.core.config.core.Configuration;
import org.openhab.core.thing.ChannelUID;

public record ItemChannelLink(String itemName, ChannelUID linkedUID, Configuration configuration) {
    public String getItemName() {
        return itemName;
    }

    public ChannelUID getLinkedUID() {
        return linkedUID;
    }

    public Configuration getConfiguration() {
        return configuration;
    }
}
