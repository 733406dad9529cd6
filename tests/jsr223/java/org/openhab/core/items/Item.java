package org.openhab.core.items;

import java.time.ZonedDateTime;

import org.openhab.core.types.State;

public interface Item {
    String getName();

    String getType();

    State getState();

    ZonedDateTime getLastStateUpdate();
}
