package house;

import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.function.Consumer;

/** Trigger events, and rules on them: each rule has one thread, as in openHAB. */
public class Rules {
    public record Trigger(String channel, String event, long nanos) {
    }

    /** What a rule on a trigger found in the items. */
    public record Look(String channel, String event, Map<String, String> items) {
    }

    private final List<Look> looks = new CopyOnWriteArrayList<>();
    private final List<Trigger> triggers = new CopyOnWriteArrayList<>();
    private final Map<String, Map.Entry<String, Consumer<String>>> rules = new ConcurrentHashMap<>();
    private final Map<String, ExecutorService> threads = new ConcurrentHashMap<>();

    public List<Look> looks() {
        return looks;
    }

    public List<Trigger> triggers() {
        return triggers;
    }

    public void add(String uid, String channel, Consumer<String> rule) {
        threads.computeIfAbsent(uid, name -> Executors.newSingleThreadExecutor(task -> Things.daemon(task, "OH-rule-" + uid + "-1")));
        rules.put(uid, Map.entry(channel, rule));
    }

    public void remove(String uid) {
        rules.remove(uid);
        ExecutorService thread = threads.remove(uid);
        if (thread != null) {
            thread.shutdown();
        }
    }

    /** Returns when all rules that were triggered have run. */
    public void settle() throws Exception {
        for (ExecutorService thread : threads.values()) {
            thread.submit(() -> null).get();
        }
    }

    void triggered(String channel, String event) {
        triggers.add(new Trigger(channel, event, System.nanoTime()));
        World.the().items.look(items -> looks.add(new Look(channel, event, items)));
        rules.forEach((uid, rule) -> {
            ExecutorService thread = threads.get(uid);
            if (rule.getKey().equals(channel) && thread != null) {
                thread.execute(() -> run(uid, rule.getValue(), event));
            }
        });
    }

    private static void run(String uid, Consumer<String> rule, String event) {
        try {
            rule.accept(event);
        } catch (RuntimeException error) {
            World.the().complain("rule " + uid + " threw " + error);
        }
    }
}
