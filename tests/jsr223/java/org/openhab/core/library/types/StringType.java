package org.openhab.core.library.types;

import org.openhab.core.types.Command;
import org.openhab.core.types.State;

public record StringType(String value) implements State, Command {
    public StringType {
        value = value == null ? "" : value;
    }

    @Override
    public String toFullString() {
        return value;
    }

    @Override
    public String toString() {
        return value;
    }
}
