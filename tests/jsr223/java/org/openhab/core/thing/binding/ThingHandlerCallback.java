package org.openhab.core.thing.binding;

import java.util.Map;

import org.openhab.core.thing.Bridge;
import org.openhab.core.thing.ChannelUID;
import org.openhab.core.thing.Thing;
import org.openhab.core.thing.ThingStatusInfo;
import org.openhab.core.thing.ThingUID;
import org.openhab.core.types.State;

public interface ThingHandlerCallback {
    void stateUpdated(ChannelUID channelUID, State state);

    void statusUpdated(Thing thing, ThingStatusInfo thingStatus);

    void thingUpdated(Thing thing);

    void validateConfigurationParameters(Thing thing, Map<String, Object> parameters);

    void configurationUpdated(Thing thing);

    void channelTriggered(Thing thing, ChannelUID channelUID, String event);

    boolean isChannelLinked(ChannelUID channelUID);

    Bridge getBridge(ThingUID bridgeUID);
}
