package house;

import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

import org.openhab.core.types.State;

/** Items, and the channels they are linked to. */
public class Items {
    private final Map<String, String> states = new ConcurrentHashMap<>();
    private final Map<String, Set<String>> links = new ConcurrentHashMap<>();

    public void link(String item, String channel) {
        states.putIfAbsent(item, "NULL");
        links.computeIfAbsent(channel, name -> ConcurrentHashMap.newKeySet()).add(item);
    }

    public boolean isLinked(String channel) {
        return links.containsKey(channel);
    }

    public Set<String> linkedTo(String channel) {
        return links.getOrDefault(channel, Set.of());
    }

    public String state(String item) {
        return states.get(item);
    }

    void update(String channel, State state) {
        linkedTo(channel).forEach(item -> states.put(item, state.toString()));
    }
}
