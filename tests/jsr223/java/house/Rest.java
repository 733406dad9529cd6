package house;

import java.io.IOException;
import java.net.URI;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.Dictionary;
import java.util.Hashtable;
import java.util.LinkedHashMap;
import java.util.Map;

import javax.servlet.http.HttpServlet;
import javax.servlet.http.HttpServletRequest;
import javax.servlet.http.HttpServletResponse;

import org.openhab.core.config.core.ConfigDescriptionProvider;
import org.openhab.core.thing.Thing;
import org.openhab.core.thing.ThingTypeUID;
import org.openhab.core.thing.ThingUID;
import org.openhab.core.thing.binding.ThingTypeProvider;
import org.openhab.core.thing.type.ChannelTypeProvider;

import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;

/** What tests look at over openHAB's REST interface. */
public class Rest extends HttpServlet {
    private final World world;

    Rest(World world) {
        this.world = world;
    }

    static Dictionary<String, ?> at(String pattern) {
        return new Hashtable<>(Map.of("osgi.http.whiteboard.servlet.pattern", pattern));
    }

    static JsonObject body(HttpServletRequest request) throws IOException {
        String text = new String(request.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        return text.isEmpty() ? new JsonObject() : JsonParser.parseString(text).getAsJsonObject();
    }

    static void answer(HttpServletResponse response, int status, JsonElement body) throws IOException {
        response.setStatus(status);
        if (body != null) {
            response.setContentType("application/json;charset=utf-8");
            response.getOutputStream().write(body.toString().getBytes(StandardCharsets.UTF_8));
        }
    }

    static Map<String, Object> plain(JsonObject object) {
        Map<String, Object> values = new LinkedHashMap<>();
        object.entrySet().forEach(entry -> {
            if (entry.getValue().isJsonArray()) {
                values.put(entry.getKey(), entry.getValue().getAsJsonArray().asList().stream().map(JsonElement::getAsString).toList());
                return;
            }
            var value = entry.getValue().getAsJsonPrimitive();
            values.put(entry.getKey(), value.isBoolean() ? value.getAsBoolean() : value.isNumber() ? value.getAsBigDecimal() : value.getAsString());
        });
        return values;
    }

    @Override
    protected void service(HttpServletRequest request, HttpServletResponse response) throws IOException {
        String[] path = request.getRequestURI().substring(6).split("/");
        for (int index = 0; index < path.length; index++) {
            path[index] = URLDecoder.decode(path[index], StandardCharsets.UTF_8);
        }
        try {
            switch (path[0]) {
                case "thing-types" -> answer(response, 200, thingTypes());
                case "channel-types" -> answer(response, 200, channelTypes());
                case "config-descriptions" -> answer(response, 200, configDescription(path[1]));
                case "things" -> things(request, response, path);
                case "actions" -> actions(request, response, path);
                case "inbox" -> inbox(request, response, path);
                case "addons" -> addons(request, response, path);
                case "discovery" -> {
                    JsonElement found = path[3].equals("scan") ? world.offers.scan(path[2]) : world.offers.info(path[2]);
                    answer(response, found == null ? 404 : 200, found);
                }
                case "links" -> {
                    world.items.link(path[1], path[2], plain(body(request)));
                    answer(response, 200, null);
                }
                case "items" -> answer(response, 200, Actions.json(path.length > 2 ? world.items.updates(path[1]) : world.items.state(path[1])));
                default -> answer(response, 404, null);
            }
        } catch (Exception error) {
            world.complain(request.getRequestURI() + " threw " + error);
            answer(response, 500, Actions.json(error.toString()));
        }
    }

    private void addons(HttpServletRequest request, HttpServletResponse response, String[] path) throws IOException {
        if (path.length == 1) {
            answer(response, 200, world.offers.installed());
        } else if (path.length == 3) {
            world.offers.uninstall(request.getParameter("serviceId"), path[1]);
            answer(response, 200, null);
        } else if (path[1].equals("services")) {
            answer(response, 200, world.offers.services());
        } else {
            JsonElement found = world.offers.one(request.getParameter("serviceId"), path[1]);
            answer(response, found == null ? 404 : 200, found);
        }
    }

    private JsonArray thingTypes() {
        JsonArray all = new JsonArray();
        for (ThingTypeProvider provider : world.services.all(ThingTypeProvider.class)) {
            provider.getThingTypes(null).forEach(type -> all.add(Describe.thingType(type)));
        }
        return all;
    }

    private JsonArray channelTypes() {
        JsonArray all = new JsonArray();
        for (ChannelTypeProvider provider : world.services.all(ChannelTypeProvider.class)) {
            provider.getChannelTypes(null).forEach(type -> all.add(Describe.channelType(type)));
        }
        return all;
    }

    private JsonElement configDescription(String uri) {
        for (ConfigDescriptionProvider provider : world.services.all(ConfigDescriptionProvider.class)) {
            var found = provider.getConfigDescription(URI.create(uri), null);
            if (found != null) {
                return Describe.config(found);
            }
        }
        return null;
    }

    private void things(HttpServletRequest request, HttpServletResponse response, String[] path) throws IOException {
        if (path.length == 1 && request.getMethod().equals("POST")) {
            JsonObject body = body(request);
            String bridge = body.has("bridgeUID") ? body.get("bridgeUID").getAsString() : null;
            SimpleThing thing = world.things.create(new ThingTypeUID(body.get("thingTypeUID").getAsString()), new ThingUID(body.get("UID").getAsString()),
                    bridge == null ? null : new ThingUID(bridge), plain(body.getAsJsonObject("configuration")),
                    body.has("label") ? body.get("label").getAsString() : null, !body.has("editable") || body.get("editable").getAsBoolean());
            answer(response, thing == null ? 400 : 201, thing == null ? null : Describe.thing(thing, world.items));
            return;
        }
        if (path.length == 1) {
            JsonArray all = new JsonArray();
            world.things.all().forEach(thing -> all.add(Describe.thing(thing, world.items)));
            answer(response, 200, all);
            return;
        }
        SimpleThing thing = world.things.get(path[1]);
        if (thing == null) {
            answer(response, 404, null);
        } else if (path.length == 2 && request.getMethod().equals("DELETE")) {
            world.things.remove(thing);
            answer(response, 202, null);
        } else if (path.length == 2) {
            answer(response, 200, Describe.thing(thing, world.items));
        } else if (path[2].equals("config")) {
            String wrong = thing.editable ? world.things.configure(thing, plain(body(request))) : "not editable";
            answer(response, wrong == null ? 200 : thing.editable ? 400 : 409, wrong == null ? null : Actions.json(wrong));
        } else {
            world.things.enable(thing, body(request).get("enabled").getAsBoolean());
            answer(response, 200, Describe.thing(thing, world.items));
        }
    }

    private void actions(HttpServletRequest request, HttpServletResponse response, String[] path) throws Exception {
        if (request.getMethod().equals("GET")) {
            JsonArray all = world.actions.describe("twilio", path[1]);
            answer(response, all.isEmpty() ? 204 : 200, all);
            return;
        }
        JsonElement result = world.actions.invoke("twilio", path[1], path[2], body(request));
        JsonObject answer = new JsonObject();
        if (result != null && !result.isJsonNull()) {
            answer.add("result", result);
        }
        answer(response, result == null ? 404 : 200, answer);
    }

    private void inbox(HttpServletRequest request, HttpServletResponse response, String[] path) throws IOException {
        if (path.length == 1) {
            JsonArray all = new JsonArray();
            world.inbox.getAll().forEach(result -> all.add(Describe.result(result)));
            answer(response, 200, all);
            return;
        }
        if (request.getMethod().equals("DELETE")) {
            answer(response, world.inbox.remove(new ThingUID(path[1])) ? 200 : 404, null);
            return;
        }
        Thing thing = world.inbox.approve(new ThingUID(path[1]), null, null);
        answer(response, thing == null ? 409 : 200, null);
    }
}
