package org.openhab.core.thing;

public record ThingStatusInfo(ThingStatus status, ThingStatusDetail statusDetail, String description) {
    public ThingStatus getStatus() {
        return status;
    }

    public ThingStatusDetail getStatusDetail() {
        return statusDetail;
    }

    public String getDescription() {
        return description;
    }
}
