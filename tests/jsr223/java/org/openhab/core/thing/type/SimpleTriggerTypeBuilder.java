package org.openhab.core.thing.type;

import java.util.Collection;

class SimpleTriggerTypeBuilder implements TriggerChannelTypeBuilder {
    private final SimpleChannelTypeBuilder builder;

    SimpleTriggerTypeBuilder(ChannelTypeUID uid, String label) {
        builder = new SimpleChannelTypeBuilder(uid, label, null);
    }

    @Override
    public TriggerChannelTypeBuilder isAdvanced(boolean value) {
        builder.isAdvanced(value);
        return this;
    }

    @Override
    public TriggerChannelTypeBuilder withDescription(String value) {
        builder.withDescription(value);
        return this;
    }

    @Override
    public TriggerChannelTypeBuilder withTags(Collection<String> value) {
        builder.withTags(value);
        return this;
    }

    @Override
    public TriggerChannelTypeBuilder withTag(String value) {
        builder.withTag(value);
        return this;
    }

    @Override
    public ChannelType build() {
        return builder.build();
    }
}
