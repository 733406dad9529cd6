package house;

import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;

import org.openhab.core.addon.Addon;
import org.openhab.core.addon.AddonService;
import org.openhab.core.config.discovery.DiscoveryListener;
import org.openhab.core.config.discovery.DiscoveryService;
import org.openhab.core.config.discovery.ScanListener;
import org.openhab.core.thing.ThingTypeUID;

import com.google.gson.Gson;
import com.google.gson.JsonElement;

/** What Main UI asks for before somebody adds a thing: installed add-ons, and discovery; as openHAB's REST resources do. */
class Offers {
    private static final Gson GSON = new Gson();
    private final World world;
    final AtomicInteger finished = new AtomicInteger();

    Offers(World world) {
        this.world = world;
    }

    /** GET /rest/addons?serviceId=all&installedOnly=true. */
    JsonElement installed() {
        List<Addon> all = world.services.all(AddonService.class).stream().flatMap(service -> service.getAddons(null).stream())
                .filter(Addon::isInstalled).toList();
        return GSON.toJsonTree(all);
    }

    /** GET /rest/addons/{id}?serviceId={service}; null where there is none. */
    JsonElement one(String service, String id) {
        return world.services.all(AddonService.class).stream().filter(one -> one.getId().equals(service)).findFirst()
                .map(one -> GSON.toJsonTree(one.getAddon(id, null))).filter(JsonElement::isJsonObject).orElse(null);
    }

    /** GET /rest/addons/services: their names and types. */
    JsonElement services() {
        return GSON.toJsonTree(world.services.all(AddonService.class).stream().map(one -> List.of(one.getId(), one.getName(), one.getTypes(null))).toList());
    }

    void uninstall(String service, String id) {
        world.services.all(AddonService.class).stream().filter(one -> one.getId().equals(service)).forEach(one -> one.uninstall(id));
    }

    private List<DiscoveryService> discovery(String binding) {
        return world.services.all(DiscoveryService.class).stream()
                .filter(one -> one.getSupportedThingTypes().stream().map(ThingTypeUID::getBindingId).anyMatch(binding::equals)).toList();
    }

    /** POST /rest/discovery/bindings/{binding}/scan: the seconds until its end; null where there is no discovery. */
    JsonElement scan(String binding) {
        List<DiscoveryService> all = discovery(binding);
        for (DiscoveryService one : all) {
            one.addDiscoveryListener(new DiscoveryListener() {
            });
            one.startScan(new ScanListener() {
                @Override
                public void onFinished() {
                    finished.incrementAndGet();
                }

                @Override
                public void onErrorOccurred(Exception exception) {
                    world.complain("scan: " + exception);
                }
            });
        }
        return all.isEmpty() ? null : GSON.toJsonTree(all.stream().mapToInt(DiscoveryService::getScanTimeout).max().orElse(0));
    }

    /** GET /rest/discovery/bindings/{binding}/info: whether a scan takes an input. */
    JsonElement info(String binding) {
        List<DiscoveryService> all = discovery(binding);
        return all.isEmpty() ? null : GSON.toJsonTree(all.stream().anyMatch(DiscoveryService::isScanInputSupported));
    }
}
