package org.openhab.core.types;

public class TimeSeries {
}
