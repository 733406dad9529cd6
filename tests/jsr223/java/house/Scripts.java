package house;

import java.io.ByteArrayOutputStream;
import java.io.File;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArrayList;

import org.graalvm.polyglot.Context;
import org.graalvm.polyglot.Engine;
import org.graalvm.polyglot.HostAccess;
import org.graalvm.polyglot.Source;
import org.graalvm.polyglot.Value;

/** Scripts in GraalPy, with the options, the scope and the life of openHAB's Python Scripting. */
public class Scripts {
    private static final HostAccess ACCESS = HostAccess.newBuilder(HostAccess.ALL)
            .targetTypeMapping(Value.class, Set.class, value -> value.hasArrayElements() && !value.isHostObject(), value -> Set.copyOf(value.as(List.class)), HostAccess.TargetMappingPrecedence.LOW)
            .build();
    private final World world;
    private final Engine engine = Engine.newBuilder().option("engine.WarnInterpreterOnly", "false").build();
    private final Map<String, Script> loaded = new LinkedHashMap<>();
    private final List<String> log = new CopyOnWriteArrayList<>();

    private record Script(Context context, List<Value> hooks, RulesOfScope rules) {
    }

    public class Tracker {
        private final List<Value> hooks;

        Tracker(List<Value> hooks) {
            this.hooks = hooks;
        }

        public void addDisposeHook(Value hook) {
            hooks.add(hook);
        }
    }

    public class ActionsOfScope {
        public Object get(String scope, String thing) {
            return world.actions.get(scope, thing);
        }
    }

    public class RulesOfScope {
        private final List<String> own = new CopyOnWriteArrayList<>();

        public void add(String uid, String channel, Value rule) {
            own.add(uid);
            world.rules.add(uid, channel, rule::executeVoid);
        }

        void clear() {
            own.forEach(world.rules::remove);
        }
    }

    Scripts(World world) {
        this.world = world;
    }

    public List<String> log() {
        return log;
    }

    public synchronized int count() {
        return loaded.size();
    }

    /** Loads a file as script `name`; what ran under that name goes first, in openHAB's order. */
    public synchronized void load(String name, File file, String path) throws IOException {
        unload(name);
        OutputStream lines = lines(name);
        Context context = Context.newBuilder("python").engine(engine).allowAllAccess(true).allowHostAccess(ACCESS)
                .hostClassLoader(Scripts.class.getClassLoader()).option("python.PythonPath", path)
                .option("python.PosixModuleBackend", "java").option("python.DontWriteBytecodeFlag", "false")
                .out(lines).err(lines).build();
        List<Value> hooks = new CopyOnWriteArrayList<>();
        Map<String, Object> scope = new HashMap<>();
        scope.put("osgi", Map.of("bundleContext", world.services.context));
        scope.put("actions", new ActionsOfScope());
        RulesOfScope rules = new RulesOfScope();
        scope.put("rules", rules);
        scope.put("lifecycleTracker", new Tracker(hooks));
        context.getPolyglotBindings().putMember("scope", scope);
        loaded.put(name, new Script(context, hooks, rules));
        context.eval(Source.newBuilder("python", Scripts.class.getResource("/wrapper.py")).build());
        context.eval(Source.newBuilder("python", file).build());
        call(context, "scriptLoaded", name);
    }

    /** scriptUnloaded at once, then the dispose hooks and the end of the context on another thread. */
    public synchronized void unload(String name) {
        Script script = loaded.remove(name);
        if (script == null) {
            return;
        }
        call(script.context(), "scriptUnloaded");
        script.rules().clear();
        Thread.ofPlatform().name("OH-scriptengine-close").daemon().start(() -> close(script));
    }

    /** The end of a context without any warning. */
    public synchronized void kill(String name) {
        loaded.remove(name).context().close(true);
    }

    private static void close(Script script) {
        script.hooks().forEach(Value::executeVoid);
        script.context().close(true);
    }

    private void call(Context context, String function, Object... arguments) {
        Value found = context.getBindings("python").getMember(function);
        if (found != null && found.canExecute()) {
            try {
                found.execute(arguments);
            } catch (RuntimeException error) {
                world.complain(function + " threw " + error);
            }
        }
    }

    public synchronized Object evaluate(String name, String code) {
        Value value = loaded.get(name).context().eval("python", code);
        return value.isNull() ? null : value.toString();
    }

    private OutputStream lines(String name) {
        return new OutputStream() {
            private final ByteArrayOutputStream line = new ByteArrayOutputStream();

            @Override
            public synchronized void write(int value) {
                if (value != '\n') {
                    line.write(value);
                    return;
                }
                log.add(name + ": " + line.toString(StandardCharsets.UTF_8));
                line.reset();
            }
        };
    }
}
