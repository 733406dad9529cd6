package org.openhab.core.io.rest;

import java.util.concurrent.CompletableFuture;

public interface WebhookService {
    CompletableFuture<Webhook> requestWebhook(String localPath);

    CompletableFuture<Void> removeWebhook(String localPath);
}
