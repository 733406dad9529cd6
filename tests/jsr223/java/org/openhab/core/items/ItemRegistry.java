package org.openhab.core.items;

public interface ItemRegistry {
    Item get(String name);
}
