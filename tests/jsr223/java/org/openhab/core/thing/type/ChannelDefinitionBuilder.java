package org.openhab.core.thing.type;

public class ChannelDefinitionBuilder {
    private final String id;
    private final ChannelTypeUID type;

    public ChannelDefinitionBuilder(String id, ChannelTypeUID type) {
        this.id = id;
        this.type = type;
    }

    public ChannelDefinition build() {
        return new ChannelDefinition(id, type);
    }
}
