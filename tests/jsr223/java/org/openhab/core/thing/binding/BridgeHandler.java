package org.openhab.core.thing.binding;

import org.openhab.core.thing.Thing;

public interface BridgeHandler extends ThingHandler {
    void childHandlerInitialized(ThingHandler childHandler, Thing childThing);

    void childHandlerDisposed(ThingHandler childHandler, Thing childThing);
}
