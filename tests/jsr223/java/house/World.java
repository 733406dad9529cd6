package house;

import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;

import org.openhab.core.config.discovery.inbox.Inbox;
import org.openhab.core.items.ItemRegistry;
import org.openhab.core.thing.ThingRegistry;
import org.openhab.core.thing.binding.ThingActions;
import org.openhab.core.thing.binding.ThingHandlerFactory;
import org.openhab.core.thing.link.ItemChannelLinkRegistry;

/** The stand-in of an openHAB: it tells its port on standard output and ends with its standard input. */
public class World {
    private static World world;
    public final Items items = new Items();
    public final Rules rules = new Rules();
    public final Actions actions = new Actions();
    public final Things things = new Things(this);
    public final Web web = new Web();
    public final SimpleInbox inbox = new SimpleInbox(this);
    public final Cloud cloud = new Cloud();
    public final Offers offers = new Offers(this);
    public final Services services;
    public final Scripts scripts = new Scripts(this);
    private final List<String> complaints = new CopyOnWriteArrayList<>();

    private World() {
        world = this;
        services = new Services();
    }

    public static World the() {
        return world;
    }

    public static void main(String[] arguments) throws Exception {
        World world = new World();
        int port = world.web.start();
        world.services.provide(Inbox.class.getName(), world.inbox);
        ThingRegistry registry = uid -> world.things.get(uid.getAsString());
        world.services.provide(ItemRegistry.class.getName(), world.items);
        world.services.provide(ItemChannelLinkRegistry.class.getName(), world.items);
        world.services.provide(ThingRegistry.class.getName(), registry);
        world.web.add(new Rest(world), Rest.at("/rest/*"));
        world.web.add(new Control(world), Rest.at("/control/*"));
        System.out.println(port);
        while (System.in.read() >= 0) {
            // whoever started us keeps the other end open
        }
        Runtime.getRuntime().halt(0);
    }

    /** What openHAB would have logged as an error. */
    public void complain(String text) {
        complaints.add(text);
    }

    public List<String> complaints() {
        return complaints;
    }

    void registered(Services.Entry entry) {
        switch (entry.name()) {
            case "org.openhab.core.thing.binding.ThingHandlerFactory" -> things.factoryAdded((ThingHandlerFactory) entry.service());
            case "org.openhab.core.thing.binding.ThingActions" -> actions.added((ThingActions) entry.service());
            case "javax.servlet.Servlet" -> web.add(entry.service(), entry.properties());
            default -> {
                // looked up when needed
            }
        }
    }

    void unregistered(Services.Entry entry) {
        switch (entry.name()) {
            case "org.openhab.core.thing.binding.ThingHandlerFactory" -> things.factoryRemoved((ThingHandlerFactory) entry.service());
            case "org.openhab.core.thing.binding.ThingActions" -> actions.removed((ThingActions) entry.service());
            case "javax.servlet.Servlet" -> web.remove(entry.service());
            default -> {
                // looked up when needed
            }
        }
    }
}
