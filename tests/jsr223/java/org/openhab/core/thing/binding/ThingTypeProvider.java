package org.openhab.core.thing.binding;

import java.util.Collection;
import java.util.Locale;

import org.openhab.core.thing.ThingTypeUID;
import org.openhab.core.thing.type.ThingType;

public interface ThingTypeProvider {
    Collection<ThingType> getThingTypes(Locale locale);

    ThingType getThingType(ThingTypeUID thingTypeUID, Locale locale);
}
