package org.openhab.core.thing.type;

import org.openhab.core.thing.UID;

public class ChannelTypeUID extends UID {
    public ChannelTypeUID(String bindingId, String id) {
        super(bindingId, id);
    }

    @Override
    protected int minimum() {
        return 2;
    }

    public String getId() {
        return segments().get(1);
    }
}
