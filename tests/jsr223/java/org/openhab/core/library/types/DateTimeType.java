package org.openhab.core.library.types;

import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.format.DateTimeFormatter;
import java.time.format.DateTimeParseException;

import org.openhab.core.types.Command;
import org.openhab.core.types.State;

public class DateTimeType implements State, Command {
    private static final DateTimeFormatter FORM = DateTimeFormatter.ofPattern("yyyy-MM-dd'T'HH:mm:ss[.SSSSSSSSS][.SSSSSS][.SSS][XXX][Z]");
    private final Instant instant;

    public DateTimeType(String text) {
        try {
            instant = OffsetDateTime.parse(text, FORM).toInstant();
        } catch (DateTimeParseException error) {
            throw new IllegalArgumentException(text + " is not in a valid format.", error);
        }
    }

    @Override
    public String toFullString() {
        return instant.toString();
    }

    @Override
    public String toString() {
        return instant.toString();
    }
}
