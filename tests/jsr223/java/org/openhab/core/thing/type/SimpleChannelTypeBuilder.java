package org.openhab.core.thing.type;

import java.util.ArrayList;
import java.util.Collection;
import java.util.List;

import org.openhab.core.types.StateDescriptionFragment;

class SimpleChannelTypeBuilder implements StateChannelTypeBuilder {
    private final ChannelTypeUID uid;
    private final String label;
    private final String itemType;
    private final List<String> tags = new ArrayList<>();
    private boolean advanced;
    private String description;
    private StateDescriptionFragment state;
    private AutoUpdatePolicy autoUpdate;

    SimpleChannelTypeBuilder(ChannelTypeUID uid, String label, String itemType) {
        this.uid = uid;
        this.label = label;
        this.itemType = itemType;
    }

    @Override
    public StateChannelTypeBuilder isAdvanced(boolean value) {
        advanced = value;
        return this;
    }

    @Override
    public StateChannelTypeBuilder withDescription(String value) {
        description = value;
        return this;
    }

    @Override
    public StateChannelTypeBuilder withTags(Collection<String> value) {
        tags.addAll(value);
        return this;
    }

    @Override
    public StateChannelTypeBuilder withTag(String value) {
        tags.add(value);
        return this;
    }

    @Override
    public StateChannelTypeBuilder withStateDescriptionFragment(StateDescriptionFragment value) {
        state = value;
        return this;
    }

    @Override
    public StateChannelTypeBuilder withAutoUpdatePolicy(AutoUpdatePolicy value) {
        autoUpdate = value;
        return this;
    }

    @Override
    public ChannelType build() {
        ChannelKind kind = itemType == null ? ChannelKind.TRIGGER : ChannelKind.STATE;
        return new ChannelType(uid, kind, label, description, itemType, advanced, List.copyOf(tags), state, autoUpdate);
    }
}
