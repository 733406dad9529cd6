package org.openhab.core.config.core;

import java.net.URI;
import java.util.List;

public class ConfigDescriptionBuilder {
    private final URI uri;
    private List<ConfigDescriptionParameter> parameters = List.of();

    private ConfigDescriptionBuilder(URI uri) {
        this.uri = uri;
    }

    public static ConfigDescriptionBuilder create(URI uri) {
        return new ConfigDescriptionBuilder(uri);
    }

    public ConfigDescriptionBuilder withParameters(List<ConfigDescriptionParameter> value) {
        parameters = List.copyOf(value);
        return this;
    }

    public ConfigDescription build() {
        return new ConfigDescription(uri, parameters);
    }
}
