package house;

import java.time.ZonedDateTime;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;

import org.openhab.core.config.core.Configuration;
import org.openhab.core.items.Item;
import org.openhab.core.items.ItemRegistry;
import org.openhab.core.thing.ChannelUID;
import org.openhab.core.thing.link.ItemChannelLink;
import org.openhab.core.thing.link.ItemChannelLinkRegistry;
import org.openhab.core.types.State;

/** Items, and the channels they are linked to. A state reaches an item some milliseconds after it was sent, in order. */
public class Items implements ItemRegistry, ItemChannelLinkRegistry {
    private static class SimpleItem implements Item {
        private final String name;
        private final String type;
        private volatile State state;
        private volatile ZonedDateTime updated;
        private volatile int updates;

        SimpleItem(String name, String type) {
            this.name = name;
            this.type = type;
        }

        @Override
        public String getName() {
            return name;
        }

        @Override
        public String getType() {
            return type;
        }

        @Override
        public State getState() {
            return state;
        }

        @Override
        public ZonedDateTime getLastStateUpdate() {
            return updated;
        }

        boolean takes(String text) {
            return !type.equals("Number") || text.matches("-?\\d+(\\.\\d+)?");
        }

        void set(State value) {
            state = value;
            updates++;
            updated = ZonedDateTime.now();
        }
    }

    /** Microseconds until an item has its state, taken in turn, and until a rule looks: one thread does it all, so the order is sure. */
    private static final long[] DELAYS = { 8000, 3000 };
    private static final long LOOK = 5000;
    private final java.util.concurrent.atomic.AtomicInteger turn = new java.util.concurrent.atomic.AtomicInteger();
    private final Map<String, SimpleItem> items = new ConcurrentHashMap<>();
    private final Map<String, Map<String, ItemChannelLink>> links = new ConcurrentHashMap<>();
    private volatile String refused;
    private final ScheduledExecutorService bus = Executors.newSingleThreadScheduledExecutor(task -> Things.daemon(task, "OH-OSGiEventManager"));

    public void link(String item, String channel, Map<String, Object> configuration) {
        items.putIfAbsent(item, new SimpleItem(item, String.valueOf(configuration.getOrDefault("type", "String"))));
        links.computeIfAbsent(channel, name -> new ConcurrentHashMap<>()).put(item, new ItemChannelLink(item, new ChannelUID(channel), new Configuration(configuration)));
    }

    /** From now on openHAB throws when it is given this state; null for none. */
    public void refuse(String state) {
        refused = state;
    }

    public void clear() {
        refused = null;
        links.clear();
        items.clear();
    }

    public boolean isLinked(String channel) {
        return links.containsKey(channel);
    }

    public Set<String> linkedTo(String channel) {
        return links.getOrDefault(channel, Map.of()).keySet();
    }

    public String state(String item) {
        SimpleItem found = items.get(item);
        return found == null ? null : String.valueOf(found.state == null ? "NULL" : found.state);
    }

    public int updates(String item) {
        return items.get(item).updates;
    }

    @Override
    public Item get(String name) {
        return items.get(name);
    }

    @Override
    public Set<ItemChannelLink> getLinks(String itemName) {
        return links.values().stream().map(found -> found.get(itemName)).filter(link -> link != null).collect(Collectors.toSet());
    }

    @Override
    public Set<ItemChannelLink> getLinks(ChannelUID uid) {
        return Set.copyOf(links.getOrDefault(uid.getAsString(), Map.of()).values());
    }

    /** Rules start a moment after their event; then they look at the items. */
    void look(java.util.function.Consumer<Map<String, String>> rule) {
        bus.schedule(() -> {
            Map<String, String> seen = new LinkedHashMap<>();
            items.keySet().forEach(name -> seen.put(name, state(name)));
            rule.accept(seen);
        }, LOOK, TimeUnit.MICROSECONDS);
    }

    void update(String channel, State state) {
        if (state.toString().equals(refused)) {
            throw new IllegalStateException("no item takes it");
        }
        links.getOrDefault(channel, Map.of()).values().forEach(link -> {
            SimpleItem item = items.get(link.itemName());
            boolean follows = "system:follow".equals(link.configuration().get("profile"));
            long delay = DELAYS[turn.getAndIncrement() % DELAYS.length];
            if (item != null && !follows && item.takes(state.toString())) {
                bus.schedule(() -> item.set(state), delay, TimeUnit.MICROSECONDS);
            }
        });
    }
}
