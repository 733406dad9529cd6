package org.openhab.core.thing.type;

import java.util.Collection;
import java.util.Locale;

public interface ChannelTypeProvider {
    Collection<ChannelType> getChannelTypes(Locale locale);

    ChannelType getChannelType(ChannelTypeUID uid, Locale locale);
}
