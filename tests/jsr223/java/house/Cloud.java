package house;

import java.net.MalformedURLException;
import java.net.URI;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;

import org.openhab.core.io.rest.Webhook;
import org.openhab.core.io.rest.WebhookService;

/** openHAB Cloud's webhooks, where a test says that they are there. */
public class Cloud implements WebhookService {
    public final List<String> calls = new CopyOnWriteArrayList<>();

    @Override
    public CompletableFuture<Webhook> requestWebhook(String localPath) {
        calls.add("request " + localPath);
        try {
            return CompletableFuture.completedFuture(new Webhook(URI.create("https://cloud.example/hook/abc").toURL(), Instant.now().plusSeconds(30 * 86400)));
        } catch (MalformedURLException error) {
            return CompletableFuture.failedFuture(error);
        }
    }

    @Override
    public CompletableFuture<Void> removeWebhook(String localPath) {
        calls.add("remove " + localPath);
        return CompletableFuture.completedFuture(null);
    }
}
