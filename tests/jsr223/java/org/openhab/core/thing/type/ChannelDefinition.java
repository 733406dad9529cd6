package org.openhab.core.thing.type;

public record ChannelDefinition(String id, ChannelTypeUID type) {
}
