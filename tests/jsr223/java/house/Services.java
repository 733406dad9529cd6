package house;

import java.lang.reflect.Proxy;
import java.util.ArrayList;
import java.util.Dictionary;
import java.util.Hashtable;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;

import org.osgi.framework.Bundle;
import org.osgi.framework.BundleContext;
import org.osgi.framework.BundleEvent;
import org.osgi.framework.ServiceReference;
import org.osgi.framework.ServiceRegistration;
import org.osgi.framework.SynchronousBundleListener;
import org.osgi.framework.wiring.BundleWiring;

/** A service registry behind OSGi's interfaces; only what scripts use answers. */
public class Services {
    public record Entry(String name, Object service, Dictionary<String, ?> properties) {
    }

    private final List<Entry> entries = new CopyOnWriteArrayList<>();
    private final List<String> bundles = new CopyOnWriteArrayList<>();
    private final List<SynchronousBundleListener> listeners = new CopyOnWriteArrayList<>();
    public final BundleContext context = proxy(BundleContext.class, this::context);
    private final Bundle bundle = proxy(Bundle.class, this::bundle);

    @SuppressWarnings("unchecked")
    private static <T> T proxy(Class<T> type, Answer answer) {
        return (T) Proxy.newProxyInstance(Services.class.getClassLoader(), new Class<?>[] { type }, (self, method, args) -> switch (method.getName()) {
            case "hashCode" -> System.identityHashCode(self);
            case "equals" -> self == args[0];
            case "toString" -> type.getSimpleName();
            default -> answer.to(method.getName(), args == null ? new Object[0] : args);
        });
    }

    private interface Answer {
        Object to(String name, Object[] args) throws Exception;
    }

    /** Says that a bundle of this name is active, or is not any more. Who listens hears of a start before it is done. */
    public void bundle(String name, boolean active) {
        if (active) {
            bundles.add(name);
            BundleEvent event = new BundleEvent(BundleEvent.STARTING, other(name));
            listeners.forEach(listener -> listener.bundleChanged(event));
        } else {
            bundles.remove(name);
        }
    }

    public void provide(String name, Object service) {
        add(name, service, null);
    }

    public <T> List<T> all(Class<T> type) {
        return entries.stream().filter(entry -> entry.name().equals(type.getName())).map(entry -> type.cast(entry.service())).toList();
    }

    /** How many services and listeners there are. */
    public int count() {
        return entries.size() + listeners.size();
    }

    private Object context(String name, Object[] args) throws Exception {
        return switch (name) {
            case "registerService" -> register(args[0], args[1], (Dictionary<String, ?>) args[2]);
            case "getServiceReference" -> references(nameOf(args[0]), null).stream().findFirst().orElse(null);
            case "getServiceReferences", "getAllServiceReferences" -> {
                List<ServiceReference<?>> found = references(nameOf(args[0]), (String) args[1]);
                yield found.isEmpty() ? null : found.toArray(new ServiceReference<?>[0]);
            }
            case "getService" -> entryOf((ServiceReference<?>) args[0]);
            case "ungetService" -> true;
            case "addBundleListener" -> listeners.add((SynchronousBundleListener) args[0]);
            case "removeBundleListener" -> listeners.remove(args[0]);
            case "getBundle" -> bundle;
            case "getBundles" -> bundles.stream().map(this::other).toArray(Bundle[]::new);
            default -> throw new UnsupportedOperationException(name);
        };
    }

    private Bundle other(String symbolicName) {
        return proxy(Bundle.class, (name, args) -> name.equals("getState") ? (Object) Bundle.ACTIVE : symbolicName);
    }

    private Object bundle(String name, Object[] args) throws Exception {
        return switch (name) {
            case "loadClass" -> Class.forName((String) args[0], true, Services.class.getClassLoader());
            case "getSymbolicName" -> "org.openhab.automation.pythonscripting";
            case "getState" -> Bundle.ACTIVE;
            case "adapt" -> proxy(BundleWiring.class, (method, rest) -> Services.class.getClassLoader());
            default -> throw new UnsupportedOperationException(name);
        };
    }

    private static String nameOf(Object name) {
        return name instanceof Class<?> type ? type.getName() : (String) name;
    }

    private ServiceRegistration<?> register(Object name, Object service, Dictionary<String, ?> properties) {
        Entry entry = add(nameOf(name), service, properties);
        return proxy(ServiceRegistration.class, (method, args) -> {
            if (!method.equals("unregister")) {
                throw new UnsupportedOperationException(method);
            }
            if (!entries.remove(entry)) {
                throw new IllegalStateException("Service already unregistered.");
            }
            World.the().unregistered(entry);
            return null;
        });
    }

    private Entry add(String name, Object service, Dictionary<String, ?> properties) {
        Entry entry = new Entry(name, service, properties == null ? new Hashtable<>() : properties);
        entries.add(entry);
        World.the().registered(entry);
        return entry;
    }

    private List<ServiceReference<?>> references(String name, String filter) {
        List<ServiceReference<?>> found = new ArrayList<>();
        for (Entry entry : entries) {
            if (entry.name().equals(name) && matches(entry, filter)) {
                found.add(proxy(ServiceReference.class, (method, args) -> method.equals("getProperty") && "entry".equals(args[0]) ? entry : null));
            }
        }
        return found;
    }

    private static boolean matches(Entry entry, String filter) {
        if (filter == null) {
            return true;
        }
        String[] pair = filter.substring(1, filter.length() - 1).split("=", 2);
        return pair[1].equals(String.valueOf(entry.properties().get(pair[0])));
    }

    private static Object entryOf(ServiceReference<?> reference) {
        return ((Entry) reference.getProperty("entry")).service();
    }
}
