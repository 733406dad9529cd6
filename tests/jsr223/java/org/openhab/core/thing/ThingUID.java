package org.openhab.core.thing;

public class ThingUID extends UID {
    public ThingUID(String thingUID) {
        super(thingUID);
    }

    public ThingUID(ThingTypeUID thingTypeUID, String id) {
        super(thingTypeUID.getAsString(), id);
    }

    public ThingUID(ThingTypeUID thingTypeUID, ThingUID bridgeUID, String id) {
        super(thingTypeUID.getAsString(), bridgeUID.getId(), id);
    }

    @Override
    protected int minimum() {
        return 3;
    }

    public String getId() {
        return segments().getLast();
    }
}
