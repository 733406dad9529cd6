package org.openhab.core.thing;

import java.util.List;

public abstract class UID {
    private final String text;

    protected UID(String... segments) {
        text = String.join(":", segments);
        for (String segment : text.split(":", -1)) {
            if (!segment.matches("[\\w-]*(?:#[\\w-]*)?")) {
                throw new IllegalArgumentException("ID segment '" + segment + "' contains invalid characters.");
            }
        }
        if (text.split(":", -1).length < minimum()) {
            throw new IllegalArgumentException("UID must have at least " + minimum() + " segments: " + text);
        }
    }

    protected abstract int minimum();

    protected List<String> segments() {
        return List.of(text.split(":", -1));
    }

    public String getBindingId() {
        return segments().get(0);
    }

    public String getAsString() {
        return text;
    }

    @Override
    public String toString() {
        return text;
    }

    @Override
    public int hashCode() {
        return text.hashCode();
    }

    @Override
    public boolean equals(Object other) {
        return other != null && other.getClass() == getClass() && other.toString().equals(text);
    }
}
