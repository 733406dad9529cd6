package org.openhab.core.thing;

public class ChannelUID extends UID {
    public ChannelUID(String channelUid) {
        super(channelUid);
    }

    public ChannelUID(ThingUID thingUID, String id) {
        super(thingUID.getAsString(), id);
    }

    @Override
    protected int minimum() {
        return 4;
    }

    public String getId() {
        return segments().getLast();
    }

    public ThingUID getThingUID() {
        return new ThingUID(toString().substring(0, toString().lastIndexOf(':')));
    }
}
