package org.openhab.core.thing;

import java.util.List;
import java.util.Map;

import org.openhab.core.config.core.Configuration;
import org.openhab.core.thing.binding.ThingHandler;

public interface Thing {
    String getLabel();

    void setLabel(String label);

    List<Channel> getChannels();

    Channel getChannel(String channelId);

    ThingStatus getStatus();

    ThingStatusInfo getStatusInfo();

    void setStatusInfo(ThingStatusInfo status);

    void setHandler(ThingHandler handler);

    ThingHandler getHandler();

    ThingUID getBridgeUID();

    Configuration getConfiguration();

    ThingUID getUID();

    ThingTypeUID getThingTypeUID();

    Map<String, String> getProperties();

    String setProperty(String name, String value);

    void setProperties(Map<String, String> properties);

    String getSemanticEquipmentTag();

    boolean isEnabled();
}
