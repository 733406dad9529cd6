package org.openhab.core.thing;

public class ThingTypeUID extends UID {
    public ThingTypeUID(String uid) {
        super(uid);
    }

    public ThingTypeUID(String bindingId, String thingTypeId) {
        super(bindingId, thingTypeId);
    }

    @Override
    protected int minimum() {
        return 2;
    }

    public String getBindingId() {
        return segments().get(0);
    }

    public String getId() {
        return segments().get(1);
    }
}
