package org.openhab.core.config.core;

public record ParameterOption(String value, String label) {
}
