package org.openhab.core.thing.link;

import java.util.Set;

import org.openhab.core.thing.ChannelUID;

public interface ItemChannelLinkRegistry {
    Set<ItemChannelLink> getLinks(String itemName);

    Set<ItemChannelLink> getLinks(ChannelUID uid);
}
