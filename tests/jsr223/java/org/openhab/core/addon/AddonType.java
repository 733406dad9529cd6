package org.openhab.core.addon;

public record AddonType(String id, String label) {
}
