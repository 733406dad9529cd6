package org.openhab.core.thing.type;

public enum ChannelKind {
    STATE, TRIGGER
}
