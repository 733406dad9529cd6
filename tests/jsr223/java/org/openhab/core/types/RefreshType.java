package org.openhab.core.types;

public enum RefreshType implements Command {
    REFRESH;

    @Override
    public String toFullString() {
        return name();
    }
}
