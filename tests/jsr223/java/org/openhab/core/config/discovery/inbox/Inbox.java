package org.openhab.core.config.discovery.inbox;

import java.util.List;
import java.util.concurrent.CompletableFuture;

import org.openhab.core.config.discovery.DiscoveryResult;
import org.openhab.core.thing.Thing;
import org.openhab.core.thing.ThingUID;

public interface Inbox {
    CompletableFuture<Boolean> add(DiscoveryResult result);

    List<DiscoveryResult> getAll();

    boolean remove(ThingUID thingUID);

    Thing approve(ThingUID thingUID, String label, String newThingId);
}
