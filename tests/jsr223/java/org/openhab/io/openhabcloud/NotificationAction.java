package org.openhab.io.openhabcloud;

import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;

/** The action of openHAB's add-on openHAB Cloud Connector. */
public class NotificationAction {
    public static final List<String> SENT = new CopyOnWriteArrayList<>();

    public static void sendNotification(String userId, String message) {
        SENT.add(userId + ": " + message);
    }

    public static void sendNotification(String userId, String message, String icon, String tag) {
        throw new IllegalStateException("not asked for");
    }

    public static void sendBroadcastNotification(String message) {
        SENT.add(message);
    }
}
