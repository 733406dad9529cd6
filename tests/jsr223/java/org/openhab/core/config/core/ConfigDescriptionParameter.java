package org.openhab.core.config.core;

import java.math.BigDecimal;
import java.util.List;

public class ConfigDescriptionParameter {
    public enum Type {
        TEXT, INTEGER, DECIMAL, BOOLEAN
    }

    public final String name;
    public final Type type;
    public String context;
    public String label;
    public String description;
    public String defaultValue;
    public String unit;
    public String unitLabel;
    public BigDecimal min;
    public BigDecimal max;
    public boolean required;
    public boolean advanced;
    public boolean multiple;
    public boolean limitToOptions = true;
    public List<ParameterOption> options = List.of();

    ConfigDescriptionParameter(String name, Type type) {
        this.name = name;
        this.type = type;
    }
}
