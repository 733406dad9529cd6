package org.openhab.core.thing;

import java.util.List;

public interface Bridge extends Thing {
    List<Thing> getThings();
}
