package house;

import java.lang.management.ManagementFactory;
import java.lang.management.OperatingSystemMXBean;
import java.math.BigDecimal;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

import org.openhab.core.config.core.ConfigDescription;
import org.openhab.core.config.core.ConfigDescriptionParameter;
import org.openhab.core.config.core.ConfigDescriptionProvider;
import org.openhab.core.config.core.Configuration;
import org.openhab.core.thing.Bridge;
import org.openhab.core.thing.ChannelUID;
import org.openhab.core.thing.Thing;
import org.openhab.core.thing.ThingStatus;
import org.openhab.core.thing.ThingStatusDetail;
import org.openhab.core.thing.ThingStatusInfo;
import org.openhab.core.thing.ThingTypeUID;
import org.openhab.core.thing.ThingUID;
import org.openhab.core.thing.binding.BridgeHandler;
import org.openhab.core.thing.binding.ThingHandler;
import org.openhab.core.thing.binding.ThingHandlerCallback;
import org.openhab.core.thing.binding.ThingHandlerFactory;
import org.openhab.core.thing.binding.ThingTypeProvider;
import org.openhab.core.thing.type.ThingType;
import org.openhab.core.types.State;

/** Keeps things and gives them handlers, in the order and with the statuses of openHAB's thing manager. */
public class Things implements ThingHandlerCallback {
    private final World world;
    private final Map<String, SimpleThing> things = new ConcurrentHashMap<>();
    private final Map<Thing, ThingHandlerFactory> factoryOf = new ConcurrentHashMap<>();
    /** Held while a status is compared and set, but not while a handler is called: a removal is never overwritten by the status before. */
    private final Object statuses = new Object();
    private final ExecutorService pool = Executors.newFixedThreadPool(5, task -> daemon(task, "OH-thingManager"));
    private final ExecutorService safe = Executors.newCachedThreadPool(task -> daemon(task, "OH-safeCall"));

    Things(World world) {
        this.world = world;
    }

    static Thread daemon(Runnable task, String name) {
        Thread thread = new Thread(task, name);
        thread.setDaemon(true);
        return thread;
    }

    public Collection<SimpleThing> all() {
        return things.values();
    }

    public SimpleThing get(String uid) {
        return things.get(uid);
    }

    public List<Thing> childrenOf(ThingUID bridge) {
        return things.values().stream().filter(thing -> bridge.equals(thing.getBridgeUID())).map(Thing.class::cast).toList();
    }

    public ThingType typeOf(ThingTypeUID uid) {
        for (ThingTypeProvider provider : world.services.all(ThingTypeProvider.class)) {
            ThingType found = provider.getThingType(uid, null);
            if (found != null) {
                return found;
            }
        }
        return null;
    }

    private ThingHandlerFactory factoryFor(ThingTypeUID type) {
        return world.services.all(ThingHandlerFactory.class).stream().filter(one -> one.supportsThingType(type)).findFirst().orElse(null);
    }

    /** A thing of a file (not editable) or of the UI; null when no factory makes it. */
    public SimpleThing create(ThingTypeUID type, ThingUID uid, ThingUID bridge, Map<String, Object> config, String label, boolean editable) {
        ThingHandlerFactory factory = factoryFor(type);
        Configuration configuration = new Configuration(config);
        SimpleThing thing = factory == null ? null : (SimpleThing) factory.createThing(type, configuration, uid, bridge);
        if (thing == null) {
            return null;
        }
        if (bridge != null && thing.getBridgeUID() == null) {
            thing.setBridgeUID(bridge);
        }
        if (label != null) {
            thing.setLabel(label);
        }
        thing.editable = editable;
        things.put(uid.getAsString(), thing);
        start(thing);
        return thing;
    }

    synchronized void factoryAdded(ThingHandlerFactory factory) {
        for (SimpleThing thing : things.values()) {
            if (!factoryOf.containsKey(thing) && factory.supportsThingType(thing.getThingTypeUID())) {
                start(thing);
            }
        }
    }

    synchronized void factoryRemoved(ThingHandlerFactory factory) {
        things.values().stream().filter(thing -> factoryOf.get(thing) == factory && thing.getBridgeUID() != null).forEach(this::stop);
        things.values().stream().filter(thing -> factoryOf.get(thing) == factory).forEach(this::stop);
    }

    private synchronized void start(SimpleThing thing) {
        if (!things.containsKey(thing.getUID().getAsString())) {
            return;
        }
        ThingHandlerFactory factory = factoryFor(thing.getThingTypeUID());
        if (!thing.enabled) {
            set(thing, ThingStatus.UNINITIALIZED, ThingStatusDetail.DISABLED, null);
            return;
        }
        if (factory == null) {
            set(thing, ThingStatus.UNINITIALIZED, ThingStatusDetail.HANDLER_MISSING_ERROR, "Handler factory not found");
            return;
        }
        if (typeOf(thing.getThingTypeUID()) == null) {
            set(thing, ThingStatus.UNINITIALIZED, ThingStatusDetail.NOT_YET_READY, null);
            return;
        }
        if (factoryOf.containsKey(thing)) {
            return;
        }
        if (thing.getBridgeUID() != null) {
            SimpleThing bridge = things.get(thing.getBridgeUID().getAsString());
            if (bridge == null || !isInitialized(bridge)) {
                set(thing, ThingStatus.UNINITIALIZED, ThingStatusDetail.BRIDGE_UNINITIALIZED, null);
                return;
            }
        }
        try {
            ThingHandler handler = factory.registerHandler(thing);
            handler.setCallback(this);
            thing.setHandler(handler);
            factoryOf.put(thing, factory);
        } catch (Exception error) {
            set(thing, ThingStatus.UNINITIALIZED, ThingStatusDetail.HANDLER_REGISTERING_ERROR, error.getMessage());
            return;
        }
        initialize(thing);
    }

    private void initialize(SimpleThing thing) {
        normalize(thing);
        String missing = missing(thing, thing.getConfiguration().getProperties());
        if (missing != null) {
            set(thing, ThingStatus.UNINITIALIZED, ThingStatusDetail.HANDLER_CONFIGURATION_PENDING, missing);
            return;
        }
        synchronized (statuses) {
            if (thing.getStatus() != ThingStatus.REMOVING) {
                set(thing, ThingStatus.INITIALIZING, ThingStatusDetail.NONE, null);
            }
        }
        safely("initialize", () -> thing.getHandler().initialize());
    }

    static boolean isInitialized(Thing thing) {
        return switch (thing.getStatus()) {
            case ONLINE, OFFLINE, UNKNOWN -> true;
            default -> false;
        };
    }

    /** Calls a handler as openHAB does: on another thread, and no longer than five seconds, which a busy machine stretches. */
    private void safely(String what, Runnable call) {
        try {
            safe.submit(call).get(Math.round(5000 * busy()), TimeUnit.MILLISECONDS);
        } catch (ExecutionException error) {
            world.complain(what + " threw " + error.getCause());
        } catch (TimeoutException | InterruptedException error) {
            world.complain(what + " takes more than 5000ms");
        }
    }

    /** How many times slower this machine may be because of others, as in tests/waiting.py. */
    private static double busy() {
        OperatingSystemMXBean machine = ManagementFactory.getOperatingSystemMXBean();
        return Math.min(5, Math.max(2, machine.getSystemLoadAverage() / machine.getAvailableProcessors()));
    }

    private synchronized void stop(SimpleThing thing) {
        ThingHandler handler = thing.getHandler();
        if (handler == null || !factoryOf.containsKey(thing)) {
            return;
        }
        if (thing instanceof Bridge bridge) {
            bridge.getThings().forEach(child -> stop((SimpleThing) child));
        }
        set(thing, ThingStatus.UNINITIALIZED, ThingStatusDetail.NONE, null);
        safely("dispose", handler::dispose);
        SimpleThing bridge = thing.getBridgeUID() == null ? null : things.get(thing.getBridgeUID().getAsString());
        if (bridge != null && bridge.getHandler() instanceof BridgeHandler above) {
            pool.execute(() -> above.childHandlerDisposed(handler, thing));
        }
        ThingHandlerFactory factory = factoryOf.remove(thing);
        safely("unregisterHandler", () -> factory.unregisterHandler(thing));
        safely("setCallback", () -> handler.setCallback(null));
        thing.setHandler(null);
        ThingStatusDetail detail = thing.enabled ? ThingStatusDetail.HANDLER_MISSING_ERROR : ThingStatusDetail.DISABLED;
        set(thing, ThingStatus.UNINITIALIZED, detail, null);
    }

    public void enable(SimpleThing thing, boolean enabled) {
        if (thing.enabled == enabled) {
            return;
        }
        thing.enabled = enabled;
        if (enabled) {
            start(thing);
            return;
        }
        stop(thing);
        set(thing, ThingStatus.UNINITIALIZED, ThingStatusDetail.DISABLED, null);
        childrenOf(thing.getUID()).forEach(child -> set((SimpleThing) child, ThingStatus.UNINITIALIZED, ThingStatusDetail.BRIDGE_UNINITIALIZED, null));
    }

    /** The answer to a configuration change: null, or what is wrong with it. */
    public String configure(SimpleThing thing, Map<String, Object> config) {
        String missing = missing(thing, config);
        if (missing != null) {
            return missing;
        }
        ThingHandler handler = thing.getHandler();
        if (handler == null || !isInitialized(thing)) {
            config.forEach(thing.getConfiguration()::put);
            if (handler == null) {
                start(thing);
            } else {
                initialize(thing);
            }
        } else {
            safely("handleConfigurationUpdate", () -> handler.handleConfigurationUpdate(config));
        }
        return null;
    }

    /** A thing that is removed while it is initialized keeps REMOVING, and is removed as soon as it is ONLINE. */
    public synchronized void remove(SimpleThing thing) {
        if (thing.getHandler() == null) {
            things.remove(thing.getUID().getAsString());
            return;
        }
        set(thing, ThingStatus.REMOVING, ThingStatusDetail.NONE, null);
        handleRemoval(thing);
    }

    private void handleRemoval(Thing thing) {
        pool.execute(() -> {
            synchronized (thing) { // it may be asked for twice, and is done once
                ThingHandler handler = thing.getHandler();
                if (handler != null && thing.getStatus() == ThingStatus.REMOVING) {
                    handler.handleRemoval();
                }
            }
        });
    }

    private void normalize(SimpleThing thing) {
        ConfigDescription description = describe(thing);
        for (ConfigDescriptionParameter parameter : description == null ? List.<ConfigDescriptionParameter>of() : description.parameters()) {
            Object value = thing.getConfiguration().get(parameter.name);
            if (value == null && parameter.defaultValue != null) {
                value = parameter.defaultValue;
            }
            if (value != null && parameter.type == ConfigDescriptionParameter.Type.INTEGER) {
                value = new BigDecimal(value.toString());
            }
            if (value != null && parameter.type == ConfigDescriptionParameter.Type.BOOLEAN) {
                value = Boolean.valueOf(value.toString());
            }
            if (value != null) {
                thing.getConfiguration().put(parameter.name, value);
            }
        }
    }

    ConfigDescription describe(SimpleThing thing) {
        ThingType type = typeOf(thing.getThingTypeUID());
        for (ConfigDescriptionProvider provider : world.services.all(ConfigDescriptionProvider.class)) {
            ConfigDescription found = type == null || type.config == null ? null : provider.getConfigDescription(type.config, null);
            if (found != null) {
                return found;
            }
        }
        return null;
    }

    private String missing(SimpleThing thing, Map<String, Object> config) {
        ConfigDescription description = describe(thing);
        if (description == null) {
            return null;
        }
        for (ConfigDescriptionParameter parameter : description.parameters()) {
            Object value = config.get(parameter.name);
            if (parameter.required && value == null) {
                return "{" + parameter.name + "=The parameter is required.}";
            }
            if (value != null && parameter.max != null && new BigDecimal(value.toString()).compareTo(parameter.max) > 0) {
                return "{" + parameter.name + "=The value must not be greater than " + parameter.max + ".}";
            }
            for (Object one : parameter.multiple && value instanceof List<?> several ? several : value == null ? List.of() : List.of(value)) {
                if (parameter.limitToOptions && !parameter.options.isEmpty() && parameter.options.stream().noneMatch(option -> option.value().equals(one.toString()))) {
                    return "{" + parameter.name + "=The value " + one + " does not match allowed parameter options. Allowed options are: " + parameter.options + "}";
                }
            }
        }
        return null;
    }

    private void set(SimpleThing thing, ThingStatus status, ThingStatusDetail detail, String text) {
        synchronized (statuses) {
            thing.setStatusInfo(new ThingStatusInfo(status, detail, text));
        }
    }

    /** Sets a status that a handler reports; returns the one before, or null where a removal comes first. */
    private ThingStatusInfo report(Thing thing, ThingStatusInfo info) {
        synchronized (statuses) {
            ThingStatusInfo old = thing.getStatusInfo();
            boolean removing = old.status() == ThingStatus.REMOVING;
            switch (info.status()) {
                case UNKNOWN, ONLINE, OFFLINE -> {
                    if (removing) {
                        return null;
                    }
                }
                case REMOVED -> {
                    if (!removing) {
                        throw new IllegalArgumentException("Illegal status REMOVED. The thing was in state " + old.status());
                    }
                }
                default -> throw new IllegalArgumentException("Illegal status " + info.status());
            }
            thing.setStatusInfo(info);
            return old;
        }
    }

    @Override
    public void statusUpdated(Thing thing, ThingStatusInfo info) {
        ThingStatusInfo old = report(thing, info);
        if (old == null) {
            if (info.status() == ThingStatus.ONLINE) {
                handleRemoval(thing);
            }
            return;
        }
        if (thing instanceof Bridge bridge && isInitialized(thing)) {
            for (Thing child : bridge.getThings()) {
                if (old.status() == ThingStatus.INITIALIZING) {
                    pool.execute(() -> start((SimpleThing) child));
                } else if (!info.equals(old)) {
                    pool.execute(() -> bridgeChanged(child, info));
                }
            }
        }
        if (info.status() == ThingStatus.REMOVED) {
            pool.execute(() -> {
                ThingHandlerFactory factory = factoryOf.get(thing);
                stop((SimpleThing) thing);
                if (factory != null) {
                    safely("removeThing", () -> factory.removeThing(thing.getUID()));
                }
                things.remove(thing.getUID().getAsString());
            });
        }
    }

    private void bridgeChanged(Thing child, ThingStatusInfo info) {
        ThingHandler handler = child.getHandler();
        if (handler != null && isInitialized(child)) {
            handler.bridgeStatusChanged(info);
        }
    }

    @Override
    public void stateUpdated(ChannelUID channelUID, State state) {
        world.items.update(channelUID.getAsString(), state);
    }

    @Override
    public void channelTriggered(Thing thing, ChannelUID channelUID, String event) {
        world.rules.triggered(channelUID.getAsString(), event);
    }

    @Override
    public void thingUpdated(Thing thing) {
        things.put(thing.getUID().getAsString(), (SimpleThing) thing);
    }

    @Override
    public void configurationUpdated(Thing thing) {
    }

    @Override
    public void validateConfigurationParameters(Thing thing, Map<String, Object> parameters) {
    }

    @Override
    public boolean isChannelLinked(ChannelUID channelUID) {
        return world.items.isLinked(channelUID.getAsString());
    }

    @Override
    public Bridge getBridge(ThingUID bridgeUID) {
        return (Bridge) things.get(bridgeUID.getAsString());
    }
}
