package org.openhab.core.thing.binding;

public interface ThingActions {
    void setThingHandler(ThingHandler handler);

    ThingHandler getThingHandler();

    default void activate() {
    }

    default void deactivate() {
    }
}
