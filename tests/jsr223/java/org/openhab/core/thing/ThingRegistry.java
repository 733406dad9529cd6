package org.openhab.core.thing;

public interface ThingRegistry {
    Thing get(ThingUID uid);
}
