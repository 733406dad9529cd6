package org.openhab.core.types;

public interface Command {
    String toFullString();
}
