package house;

import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

import org.openhab.core.config.core.Configuration;
import org.openhab.core.thing.Bridge;
import org.openhab.core.thing.Channel;
import org.openhab.core.thing.Thing;
import org.openhab.core.thing.ThingStatus;
import org.openhab.core.thing.ThingStatusDetail;
import org.openhab.core.thing.ThingStatusInfo;
import org.openhab.core.thing.ThingTypeUID;
import org.openhab.core.thing.ThingUID;
import org.openhab.core.thing.binding.ThingHandler;

public class SimpleThing implements Thing {
    private final ThingTypeUID type;
    private final ThingUID uid;
    private final Map<String, String> properties = new ConcurrentHashMap<>();
    private String label;
    private String tag;
    private ThingUID bridge;
    private List<Channel> channels = List.of();
    private Configuration configuration = new Configuration();
    private volatile ThingHandler handler;
    private volatile ThingStatusInfo status = new ThingStatusInfo(ThingStatus.UNINITIALIZED, ThingStatusDetail.NONE, null);
    volatile boolean enabled = true;
    volatile boolean editable;

    public SimpleThing(ThingTypeUID type, ThingUID uid) {
        this.type = type;
        this.uid = uid;
    }

    public static class SimpleBridge extends SimpleThing implements Bridge {
        public SimpleBridge(ThingTypeUID type, ThingUID uid) {
            super(type, uid);
        }

        @Override
        public List<Thing> getThings() {
            return World.the().things.childrenOf(getUID());
        }
    }

    public void setChannels(List<Channel> value) {
        channels = List.copyOf(value);
    }

    public void setConfiguration(Configuration value) {
        configuration = value;
    }

    public void setBridgeUID(ThingUID value) {
        bridge = value;
    }

    public void setSemanticEquipmentTag(String value) {
        tag = value;
    }

    @Override
    public void setLabel(String value) {
        label = value;
    }

    @Override
    public String getLabel() {
        return label;
    }

    @Override
    public List<Channel> getChannels() {
        return channels;
    }

    @Override
    public Channel getChannel(String id) {
        return channels.stream().filter(channel -> channel.uid().getId().equals(id)).findFirst().orElse(null);
    }

    @Override
    public ThingStatus getStatus() {
        return status.status();
    }

    @Override
    public ThingStatusInfo getStatusInfo() {
        return status;
    }

    @Override
    public void setStatusInfo(ThingStatusInfo value) {
        status = value;
    }

    @Override
    public void setHandler(ThingHandler value) {
        handler = value;
    }

    @Override
    public ThingHandler getHandler() {
        return handler;
    }

    @Override
    public ThingUID getBridgeUID() {
        return bridge;
    }

    @Override
    public Configuration getConfiguration() {
        return configuration;
    }

    @Override
    public ThingUID getUID() {
        return uid;
    }

    @Override
    public ThingTypeUID getThingTypeUID() {
        return type;
    }

    @Override
    public Map<String, String> getProperties() {
        return Map.copyOf(properties);
    }

    @Override
    public String setProperty(String name, String value) {
        return value == null ? properties.remove(name) : properties.put(name, value);
    }

    @Override
    public void setProperties(Map<String, String> value) {
        properties.clear();
        properties.putAll(value);
    }

    @Override
    public String getSemanticEquipmentTag() {
        return tag;
    }

    @Override
    public boolean isEnabled() {
        return enabled;
    }
}
