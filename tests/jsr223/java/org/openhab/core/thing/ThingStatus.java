package org.openhab.core.thing;

public enum ThingStatus {
    UNINITIALIZED, INITIALIZING, UNKNOWN, ONLINE, OFFLINE, REMOVING, REMOVED
}
