package org.openhab.core.thing.type;

import java.util.Collection;

public interface ChannelTypeBuilder<T extends ChannelTypeBuilder<T>> {
    T isAdvanced(boolean advanced);

    T withDescription(String description);

    T withTags(Collection<String> tags);

    T withTag(String tag);

    ChannelType build();

    static StateChannelTypeBuilder state(ChannelTypeUID uid, String label, String itemType) {
        return new SimpleChannelTypeBuilder(uid, label, itemType);
    }

    static TriggerChannelTypeBuilder trigger(ChannelTypeUID uid, String label) {
        return new SimpleTriggerTypeBuilder(uid, label);
    }
}
