package org.openhab.core.io.rest;

import java.net.URL;
import java.time.Instant;

public record Webhook(URL url, Instant expiresAt) {
}
