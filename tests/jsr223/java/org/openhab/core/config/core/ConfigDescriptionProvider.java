package org.openhab.core.config.core;

import java.net.URI;
import java.util.Collection;
import java.util.Locale;

public interface ConfigDescriptionProvider {
    Collection<ConfigDescription> getConfigDescriptions(Locale locale);

    ConfigDescription getConfigDescription(URI uri, Locale locale);
}
