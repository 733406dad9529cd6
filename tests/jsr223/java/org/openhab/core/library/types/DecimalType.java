package org.openhab.core.library.types;

import java.math.BigDecimal;

import org.openhab.core.types.Command;
import org.openhab.core.types.State;

public class DecimalType implements State, Command {
    private final BigDecimal value;

    public DecimalType(String text) {
        value = new BigDecimal(text);
    }

    @Override
    public String toFullString() {
        return value.toPlainString();
    }

    @Override
    public String toString() {
        return toFullString();
    }
}
