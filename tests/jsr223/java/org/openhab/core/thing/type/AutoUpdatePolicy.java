package org.openhab.core.thing.type;

public enum AutoUpdatePolicy {
    VETO,
    DEFAULT,
    RECOMMEND
}
