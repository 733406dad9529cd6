package org.openhab.core.types;

public interface State {
    String toFullString();
}
