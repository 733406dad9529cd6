package org.openhab.core.config.core;

import java.math.BigDecimal;
import java.util.List;

public class ConfigDescriptionParameterBuilder {
    private final ConfigDescriptionParameter parameter;

    private ConfigDescriptionParameterBuilder(ConfigDescriptionParameter parameter) {
        this.parameter = parameter;
    }

    public static ConfigDescriptionParameterBuilder create(String name, ConfigDescriptionParameter.Type type) {
        return new ConfigDescriptionParameterBuilder(new ConfigDescriptionParameter(name, type));
    }

    public ConfigDescriptionParameterBuilder withMinimum(BigDecimal value) {
        parameter.min = value;
        return this;
    }

    public ConfigDescriptionParameterBuilder withMaximum(BigDecimal value) {
        parameter.max = value;
        return this;
    }

    public ConfigDescriptionParameterBuilder withContext(String value) {
        parameter.context = value;
        return this;
    }

    public ConfigDescriptionParameterBuilder withRequired(Boolean value) {
        parameter.required = value;
        return this;
    }

    public ConfigDescriptionParameterBuilder withDefault(String value) {
        parameter.defaultValue = value;
        return this;
    }

    public ConfigDescriptionParameterBuilder withLabel(String value) {
        parameter.label = value;
        return this;
    }

    public ConfigDescriptionParameterBuilder withDescription(String value) {
        parameter.description = value;
        return this;
    }

    public ConfigDescriptionParameterBuilder withOptions(List<ParameterOption> value) {
        parameter.options = List.copyOf(value);
        return this;
    }

    public ConfigDescriptionParameterBuilder withAdvanced(Boolean value) {
        parameter.advanced = value;
        return this;
    }

    public ConfigDescriptionParameterBuilder withLimitToOptions(Boolean value) {
        parameter.limitToOptions = value;
        return this;
    }

    public ConfigDescriptionParameterBuilder withMultiple(Boolean value) {
        parameter.multiple = value;
        return this;
    }

    public ConfigDescriptionParameterBuilder withUnit(String value) {
        parameter.unit = value;
        return this;
    }

    public ConfigDescriptionParameterBuilder withUnitLabel(String value) {
        parameter.unitLabel = value;
        return this;
    }

    public ConfigDescriptionParameter build() {
        return parameter;
    }
}
