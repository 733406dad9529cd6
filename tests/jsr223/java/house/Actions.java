package house;

import java.lang.annotation.Annotation;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.Modifier;
import java.security.MessageDigest;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

import org.openhab.core.automation.annotation.ActionInput;
import org.openhab.core.automation.annotation.ActionOutput;
import org.openhab.core.automation.annotation.RuleAction;
import org.openhab.core.thing.binding.ThingActions;
import org.openhab.core.thing.binding.ThingActionsScope;

import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonNull;
import com.google.gson.JsonObject;
import com.google.gson.JsonPrimitive;

/** Reads the annotations of actions by reflection, as openHAB does, and calls them. */
public class Actions {
    private final Map<String, ThingActions> actions = new ConcurrentHashMap<>();

    void added(ThingActions one) {
        String scope = one.getClass().getAnnotation(ThingActionsScope.class).name();
        actions.put(scope + " " + one.getThingHandler().getThing().getUID(), one);
    }

    void removed(ThingActions one) {
        actions.values().remove(one);
    }

    /** As rules get them: none for a thing without a handler. */
    public ThingActions get(String scope, String thing) {
        SimpleThing found = World.the().things.get(thing);
        return found == null || found.getHandler() == null ? null : registered(scope, thing);
    }

    private ThingActions registered(String scope, String thing) {
        return actions.get(scope + " " + thing);
    }

    static String uid(Method method) throws Exception {
        MessageDigest md5 = MessageDigest.getInstance("MD5");
        for (Class<?> type : method.getParameterTypes()) {
            md5.update(type.getName().getBytes("UTF-8"));
        }
        return method.getName() + "#" + HexFormat.of().formatHex(md5.digest());
    }

    private static List<Method> methods(ThingActions one) {
        return java.util.Arrays.stream(one.getClass().getDeclaredMethods()).filter(method -> method.isAnnotationPresent(RuleAction.class)).toList();
    }

    public JsonArray describe(String scope, String thing) throws Exception {
        JsonArray all = new JsonArray();
        ThingActions one = registered(scope, thing);
        for (Method method : one == null ? List.<Method>of() : methods(one)) {
            JsonObject action = new JsonObject();
            action.addProperty("actionUid", scope + "." + uid(method));
            action.addProperty("label", method.getAnnotation(RuleAction.class).label());
            action.addProperty("description", method.getAnnotation(RuleAction.class).description());
            action.add("inputs", inputs(method));
            action.add("outputs", outputs(method));
            all.add(action);
        }
        return all;
    }

    private static JsonArray inputs(Method method) {
        JsonArray inputs = new JsonArray();
        for (int index = 0; index < method.getParameterCount(); index++) {
            Annotation[] annotations = method.getParameterAnnotations()[index];
            // With none or with two annotations openHAB loses the argument.
            if (annotations.length == 1 && annotations[0] instanceof ActionInput input) {
                JsonObject one = new JsonObject();
                one.addProperty("name", input.name());
                one.addProperty("type", input.type().isEmpty() ? method.getParameterTypes()[index].getName() : input.type());
                one.addProperty("label", input.label());
                one.addProperty("description", input.description());
                one.addProperty("required", input.required());
                inputs.add(one);
            }
        }
        return inputs;
    }

    private static JsonArray outputs(Method method) {
        JsonArray outputs = new JsonArray();
        ActionOutput output = method.getAnnotation(ActionOutput.class);
        if (output != null) {
            JsonObject one = new JsonObject();
            one.addProperty("name", output.name());
            one.addProperty("type", output.type());
            one.addProperty("label", output.label());
            outputs.add(one);
        }
        return outputs;
    }

    /** As POST /rest/actions: arguments by input name, null where missing. */
    public JsonElement invoke(String scope, String thing, String uid, JsonObject arguments) throws Exception {
        ThingActions one = registered(scope, thing);
        for (Method method : one == null ? List.<Method>of() : methods(one)) {
            if ((scope + "." + uid(method)).equals(uid)) {
                Object[] values = new Object[method.getParameterCount()];
                for (int index = 0; index < values.length; index++) {
                    JsonElement value = arguments.get(((ActionInput) method.getParameterAnnotations()[index][0]).name());
                    values[index] = value == null || value.isJsonNull() ? null : value.getAsString();
                }
                return json(call(method, one, values));
            }
        }
        return null;
    }

    /** A call as a rule makes it: by name and number of arguments; `statically` is what Rules DSL does. */
    public Object call(ThingActions one, String name, boolean statically, Object... values) throws Exception {
        int count = values.length + (statically ? 1 : 0);
        for (Method method : one.getClass().getMethods()) {
            if (method.getName().equals(name) && method.getParameterCount() == count && Modifier.isStatic(method.getModifiers()) == statically) {
                Object[] all = new Object[count];
                System.arraycopy(values, 0, all, count - values.length, values.length);
                if (statically) {
                    all[0] = one;
                }
                return call(method, statically ? null : one, all);
            }
        }
        throw new NoSuchMethodException(name + "/" + count);
    }

    private static Object call(Method method, Object target, Object[] values) throws Exception {
        try {
            return method.invoke(target, values);
        } catch (InvocationTargetException error) {
            throw error.getCause() instanceof Exception cause ? cause : error;
        }
    }

    static JsonElement json(Object value) {
        return switch (value) {
            case null -> JsonNull.INSTANCE;
            case Boolean bool -> new JsonPrimitive(bool);
            default -> new JsonPrimitive(value.toString());
        };
    }
}
