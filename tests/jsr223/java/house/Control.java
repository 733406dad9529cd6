package house;

import java.io.File;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

import javax.servlet.http.HttpServlet;
import javax.servlet.http.HttpServletRequest;
import javax.servlet.http.HttpServletResponse;

import org.openhab.core.io.rest.WebhookService;
import org.openhab.core.io.transport.mqtt.MqttBrokerConnection;
import org.openhab.core.library.types.DecimalType;
import org.openhab.core.library.types.OnOffType;
import org.openhab.core.library.types.StringType;
import org.openhab.core.thing.ChannelUID;
import org.openhab.core.thing.binding.ThingActions;
import org.openhab.core.types.Command;
import org.openhab.core.types.RefreshType;
import org.openhab.io.openhabcloud.NotificationAction;

import com.google.gson.Gson;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;

/** What the tests do to the stand-in. */
public class Control extends HttpServlet {
    private static final Gson GSON = new Gson();
    private final World world;
    private final Map<String, ThingActions> kept = new ConcurrentHashMap<>();

    Control(World world) {
        this.world = world;
    }

    @Override
    protected void service(HttpServletRequest request, HttpServletResponse response) throws IOException {
        JsonObject body = Rest.body(request);
        try {
            Rest.answer(response, 200, answer(request.getRequestURI().substring(9), body));
        } catch (Exception error) {
            JsonObject answer = new JsonObject();
            answer.addProperty("error", String.valueOf(error));
            Rest.answer(response, 500, answer);
        }
    }

    private static String text(JsonObject body, String name) {
        return body.has(name) && !body.get(name).isJsonNull() ? body.get(name).getAsString() : null;
    }

    private JsonElement answer(String verb, JsonObject body) throws Exception {
        switch (verb) {
            case "load" -> world.scripts.load(text(body, "name"), new File(text(body, "file")), text(body, "path"));
            case "unload" -> world.scripts.unload(text(body, "name"));
            case "settle" -> world.rules.settle();
            case "kill" -> world.scripts.kill(text(body, "name"));
            case "bundle" -> world.services.bundle(text(body, "name"), body.get("active").getAsBoolean());
            case "cloud" -> {
                world.cloud.connect(body.get("connected").getAsBoolean());
                if (world.services.all(WebhookService.class).isEmpty()) {
                    world.services.provide(WebhookService.class.getName(), world.cloud);
                }
            }
            case "forget" -> {
                world.complaints().clear();
                world.rules.triggers().clear();
                world.rules.looks().clear();
                world.items.clear();
                world.scripts.log().clear();
                world.cloud.calls.clear();
                NotificationAction.SENT.clear();
            }
            case "command" -> command(text(body, "thing"), text(body, "channel"), text(body, "type"), text(body, "value"));
            case "refuse" -> world.items.refuse(text(body, "state"));
            case "keep" -> kept.put(text(body, "as"), world.actions.get("twilio", text(body, "thing")));
            case "no-answer" -> world.rules.remove(text(body, "uid"));
            case "answer" -> answering(text(body, "uid"), text(body, "thing"), text(body, "channel"), text(body, "twiml"));
            default -> {
                return look(verb, body);
            }
        }
        return new JsonObject();
    }

    /** Sends a command to a channel, as openHAB does for an item that is linked to it. */
    private void command(String thing, String channel, String type, String value) {
        Command command = switch (type) {
            case "OnOff" -> OnOffType.valueOf(value);
            case "Decimal" -> new DecimalType(value);
            case "Refresh" -> RefreshType.REFRESH;
            default -> new StringType(value);
        };
        world.things.get(thing).getHandler().handleCommand(new ChannelUID(thing + ":" + channel), command);
    }

    private JsonElement look(String verb, JsonObject body) throws Exception {
        return switch (verb) {
            case "evaluate" -> Actions.json(world.scripts.evaluate(text(body, "name"), text(body, "code")));
            case "triggers" -> GSON.toJsonTree(world.rules.triggers());
            case "looks" -> GSON.toJsonTree(world.rules.looks());
            case "log" -> GSON.toJsonTree(world.scripts.log());
            case "complaints" -> GSON.toJsonTree(world.complaints());
            case "call" -> call(body);
            case "scans" -> GSON.toJsonTree(world.offers.finished.get());
            case "notifications" -> GSON.toJsonTree(NotificationAction.SENT);
            case "cloud-calls" -> GSON.toJsonTree(world.cloud.calls);
            case "counts" -> counts();
            case "threads" -> threads();
            default -> throw new IllegalArgumentException(verb);
        };
    }

    /** Calls an action as a rule does, on a rule's thread; of a kept object when it is named. */
    private JsonElement call(JsonObject body) throws Exception {
        ThingActions one = text(body, "kept") != null ? kept.get(text(body, "kept")) : world.actions.get("twilio", text(body, "thing"));
        if (one == null) {
            throw new IllegalStateException("getActions gives null");
        }
        List<Object> values = new ArrayList<>();
        body.getAsJsonArray("args").forEach(value -> values.add(value.isJsonNull() ? null : value.getAsString()));
        boolean statically = body.has("static") && body.get("static").getAsBoolean();
        Object result = world.actions.call(one, text(body, "action"), statically, values.toArray());
        JsonObject answer = new JsonObject();
        answer.add("result", Actions.json(result));
        answer.addProperty("type", result == null ? null : result.getClass().getName());
        return answer;
    }

    /** A rule that answers each call on a channel with TwiML. */
    private void answering(String uid, String thing, String channel, String twiml) {
        world.rules.add(uid, thing + ":" + channel, event -> {
            String call = GSON.fromJson(event, JsonObject.class).get("callSid").getAsString();
            try {
                world.actions.call(world.actions.get("twilio", thing), "respondWithTwiml", true, call, twiml);
            } catch (Exception error) {
                world.complain("rule " + uid + " threw " + error);
            }
        });
    }

    /** Threads but those of the pools of the HTTP server and the MQTT client. */
    private JsonElement threads() {
        return GSON.toJsonTree(Thread.getAllStackTraces().keySet().stream().map(Thread::getName)
                .filter(name -> !name.startsWith("qtp") && !name.startsWith("com.hivemq") && !name.startsWith("Rx")).toList());
    }

    private JsonElement counts() {
        System.gc();
        JsonObject counts = new JsonObject();
        counts.addProperty("services", world.services.count());
        counts.addProperty("connections", MqttBrokerConnection.OPEN.get());
        counts.addProperty("scripts", world.scripts.count());
        counts.addProperty("heap", Runtime.getRuntime().totalMemory() - Runtime.getRuntime().freeMemory());
        return counts;
    }
}
