package house;

import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;

import org.openhab.core.config.discovery.DiscoveryResult;
import org.openhab.core.config.discovery.inbox.Inbox;
import org.openhab.core.thing.Thing;
import org.openhab.core.thing.ThingUID;

/**
 * An inbox: of a thing type that is not known the future never completes; a number that a thing has is ignored; what is found
 * with the UID of a thing is written into its configuration.
 */
public class SimpleInbox implements Inbox {
    private final World world;
    private final Map<String, DiscoveryResult> results = new ConcurrentHashMap<>();

    SimpleInbox(World world) {
        this.world = world;
    }

    @Override
    public CompletableFuture<Boolean> add(DiscoveryResult result) {
        if (world.things.typeOf(result.thingTypeUID()) == null) {
            return new CompletableFuture<>();
        }
        Thing same = world.things.get(result.thingUID().getAsString());
        if (same != null) {
            result.properties().forEach(same.getConfiguration()::put);
            return CompletableFuture.completedFuture(false);
        }
        Object value = result.properties().get(result.representationProperty());
        boolean there = world.things.all().stream().anyMatch(thing -> value != null && value.equals(thing.getConfiguration().get(result.representationProperty())));
        results.put(result.thingUID().getAsString(), !there ? result : new DiscoveryResult(result.thingUID(), result.thingTypeUID(),
                result.bridgeUID(), result.properties(), result.representationProperty(), result.label(), "IGNORED"));
        return CompletableFuture.completedFuture(true);
    }

    @Override
    public List<DiscoveryResult> getAll() {
        return List.copyOf(results.values());
    }

    @Override
    public boolean remove(ThingUID uid) {
        return results.remove(uid.getAsString()) != null;
    }

    @Override
    public Thing approve(ThingUID uid, String label, String newThingId) {
        DiscoveryResult result = results.get(uid.getAsString());
        if (result == null) {
            throw new IllegalArgumentException("No Thing with UID " + uid + " in inbox");
        }
        Thing thing = world.things.create(result.thingTypeUID(), uid, result.bridgeUID(), result.properties(), label == null ? result.label() : label, true);
        if (thing != null) {
            results.remove(uid.getAsString());
        }
        return thing;
    }
}
