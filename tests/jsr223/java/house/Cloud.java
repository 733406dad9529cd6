package house;

import java.net.MalformedURLException;
import java.net.URI;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;

import org.openhab.core.io.rest.Webhook;
import org.openhab.core.io.rest.WebhookService;

/** openHAB Cloud's webhooks, where a test says that they are there. Until it is connected its connector lets requests wait. */
public class Cloud implements WebhookService {
    public final List<String> calls = new CopyOnWriteArrayList<>();
    private final List<CompletableFuture<Webhook>> waiting = new CopyOnWriteArrayList<>();
    private boolean connected = true;

    public synchronized void connect(boolean connected) throws MalformedURLException {
        this.connected = connected;
        if (connected) {
            for (CompletableFuture<Webhook> request : waiting) {
                request.complete(webhook());
            }
            waiting.clear();
        }
    }

    @Override
    public synchronized CompletableFuture<Webhook> requestWebhook(String localPath) {
        calls.add("request " + localPath);
        CompletableFuture<Webhook> request = new CompletableFuture<>();
        try {
            if (connected) {
                request.complete(webhook());
            } else {
                waiting.add(request);
            }
        } catch (MalformedURLException error) {
            request.completeExceptionally(error);
        }
        return request;
    }

    @Override
    public CompletableFuture<Void> removeWebhook(String localPath) {
        calls.add("remove " + localPath);
        return CompletableFuture.completedFuture(null);
    }

    private static Webhook webhook() throws MalformedURLException {
        return new Webhook(URI.create("https://cloud.example/hook/abc").toURL(), Instant.now().plusSeconds(30 * 86400));
    }
}
