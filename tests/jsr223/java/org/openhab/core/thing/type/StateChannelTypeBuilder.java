package org.openhab.core.thing.type;

import org.openhab.core.types.StateDescriptionFragment;

public interface StateChannelTypeBuilder extends ChannelTypeBuilder<StateChannelTypeBuilder> {
    StateChannelTypeBuilder withStateDescriptionFragment(StateDescriptionFragment fragment);

    StateChannelTypeBuilder withAutoUpdatePolicy(AutoUpdatePolicy policy);
}
