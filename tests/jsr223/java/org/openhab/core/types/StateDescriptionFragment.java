package org.openhab.core.types;

public record StateDescriptionFragment(boolean readOnly) {
    public Boolean isReadOnly() {
        return readOnly;
    }
}
