package org.openhab.core.library.types;

import org.openhab.core.types.Command;
import org.openhab.core.types.State;

public enum OnOffType implements State, Command {
    ON,
    OFF;

    @Override
    public String toFullString() {
        return name();
    }
}
