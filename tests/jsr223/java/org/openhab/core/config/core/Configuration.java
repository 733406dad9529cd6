package org.openhab.core.config.core;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;

public class Configuration {
    private final Map<String, Object> properties = Collections.synchronizedMap(new LinkedHashMap<>());

    public Configuration() {
    }

    public Configuration(Map<String, Object> properties) {
        this.properties.putAll(properties);
    }

    public Object get(String key) {
        return properties.get(key);
    }

    public Object put(String key, Object value) {
        return properties.put(key, value);
    }

    public Object remove(String key) {
        return properties.remove(key);
    }

    public boolean containsKey(String key) {
        return properties.containsKey(key);
    }

    public Set<String> keySet() {
        synchronized (properties) {
            return Set.copyOf(properties.keySet());
        }
    }

    public Map<String, Object> getProperties() {
        synchronized (properties) {
            return new LinkedHashMap<>(properties);
        }
    }
}
