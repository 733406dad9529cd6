package org.openhab.core.types;

public enum UnDefType implements State {
    UNDEF,
    NULL;

    @Override
    public String toFullString() {
        return name();
    }
}
