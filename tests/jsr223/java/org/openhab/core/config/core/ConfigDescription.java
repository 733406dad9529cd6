package org.openhab.core.config.core;

import java.net.URI;
import java.util.List;

public record ConfigDescription(URI uri, List<ConfigDescriptionParameter> parameters) {
}
