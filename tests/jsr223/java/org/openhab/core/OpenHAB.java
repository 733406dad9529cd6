package org.openhab.core;

public class OpenHAB {
    public static String getVersion() {
        return "5.2.0";
    }
}
