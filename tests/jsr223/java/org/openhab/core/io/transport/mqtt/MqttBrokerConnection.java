package org.openhab.core.io.transport.mqtt;

import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArraySet;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

import org.eclipse.paho.client.mqttv3.IMqttActionListener;
import org.eclipse.paho.client.mqttv3.IMqttToken;
import org.eclipse.paho.client.mqttv3.IMqttDeliveryToken;
import org.eclipse.paho.client.mqttv3.MqttAsyncClient;
import org.eclipse.paho.client.mqttv3.MqttCallback;
import org.eclipse.paho.client.mqttv3.MqttConnectOptions;
import org.eclipse.paho.client.mqttv3.MqttException;
import org.eclipse.paho.client.mqttv3.MqttMessage;
import org.eclipse.paho.client.mqttv3.MqttTopic;
import org.eclipse.paho.client.mqttv3.persist.MemoryPersistence;
import org.openhab.core.io.transport.mqtt.reconnect.AbstractReconnectStrategy;
import org.openhab.core.io.transport.mqtt.reconnect.PeriodicReconnectStrategy;

/** openHAB's connection by its signature, over another client: subscriptions are kept and made again on connect. */
public class MqttBrokerConnection implements MqttCallback {
    public static final AtomicInteger OPEN = new AtomicInteger();
    private final String host;
    private final int port;
    private final boolean secure;
    private final String clientId;
    private final Set<MqttConnectionObserver> observers = new CopyOnWriteArraySet<>();
    private final Map<String, Set<MqttMessageSubscriber>> subscribers = new ConcurrentHashMap<>();
    private AbstractReconnectStrategy strategy = new PeriodicReconnectStrategy();
    private ScheduledExecutorService scheduler;
    private ScheduledFuture<?> again;
    private volatile MqttAsyncClient client;
    private volatile boolean connecting;
    private MqttWillAndTestament will;
    private int qos;
    private int keepAlive = 60;
    private String user;
    private String password;

    public MqttBrokerConnection(String host, Integer port, boolean secure, String clientId) {
        this.host = host;
        this.port = port == null ? 1883 : port;
        this.secure = secure;
        this.clientId = clientId;
    }

    public void setQos(int value) {
        qos = value;
    }

    public void setCredentials(String user, String password) {
        this.user = user;
        this.password = password;
    }

    public void setLastWill(MqttWillAndTestament value) {
        will = value;
    }

    public void setKeepAliveInterval(int seconds) {
        keepAlive = seconds;
    }

    public void setReconnectStrategy(AbstractReconnectStrategy value) {
        strategy = value;
    }

    public void addConnectionObserver(MqttConnectionObserver observer) {
        observers.add(observer);
    }

    public void removeConnectionObserver(MqttConnectionObserver observer) {
        observers.remove(observer);
    }

    public MqttConnectionState connectionState() {
        MqttAsyncClient now = client;
        if (now != null && now.isConnected()) {
            return MqttConnectionState.CONNECTED;
        }
        return connecting ? MqttConnectionState.CONNECTING : MqttConnectionState.DISCONNECTED;
    }

    public synchronized CompletableFuture<Boolean> start() {
        if (connectionState() != MqttConnectionState.DISCONNECTED) {
            return CompletableFuture.completedFuture(true);
        }
        if (scheduler == null) {
            OPEN.incrementAndGet();
            scheduler = Executors.newScheduledThreadPool(1, task -> new Thread(task, "mqtt-reconnect"));
        }
        connecting = true;
        tell(MqttConnectionState.CONNECTING, null);
        CompletableFuture<Boolean> future = new CompletableFuture<>();
        try {
            MqttConnectOptions options = new MqttConnectOptions();
            options.setCleanSession(true);
            options.setKeepAliveInterval(keepAlive);
            options.setMaxInflight(1000);
            if (user != null) {
                options.setUserName(user);
                options.setPassword(password == null ? new char[0] : password.toCharArray());
            }
            if (will != null) {
                options.setWill(will.topic(), will.payload(), will.qos(), will.retain());
            }
            String scheme = secure ? "ssl" : "tcp";
            client = new MqttAsyncClient(scheme + "://" + host + ":" + port, clientId, new MemoryPersistence());
            client.setCallback(this);
            client.connect(options, null, new IMqttActionListener() {
                @Override
                public void onSuccess(IMqttToken token) {
                    connected();
                    future.complete(true);
                }

                @Override
                public void onFailure(IMqttToken token, Throwable error) {
                    connecting = false;
                    future.complete(false);
                    lost(error);
                }
            });
        } catch (MqttException error) {
            connecting = false;
            future.completeExceptionally(error);
        }
        return future;
    }

    private synchronized void connected() {
        connecting = false;
        if (again != null) {
            again.cancel(false);
            again = null;
        }
        subscribers.keySet().forEach(this::subscribeRaw);
        tell(MqttConnectionState.CONNECTED, null);
    }

    private void lost(Throwable error) {
        tell(MqttConnectionState.DISCONNECTED, error);
        reconnect();
    }

    private synchronized void reconnect() {
        if (scheduler != null && again == null) {
            again = scheduler.scheduleWithFixedDelay(this::start, strategy.firstAfter(), strategy.every(), TimeUnit.MILLISECONDS);
        }
    }

    /** As in openHAB: an observer that throws keeps what follows from happening. */
    private void tell(MqttConnectionState state, Throwable error) {
        observers.forEach(observer -> observer.connectionStateChanged(state, error));
    }

    private CompletableFuture<Boolean> subscribeRaw(String topic) {
        CompletableFuture<Boolean> future = new CompletableFuture<>();
        try {
            client.subscribe(topic, qos, null, listener(future));
        } catch (MqttException error) {
            future.completeExceptionally(error);
        }
        return future;
    }

    public CompletableFuture<Boolean> subscribe(String topic, MqttMessageSubscriber subscriber) {
        subscribers.computeIfAbsent(topic, name -> new CopyOnWriteArraySet<>()).add(subscriber);
        return connectionState() == MqttConnectionState.CONNECTED ? subscribeRaw(topic) : CompletableFuture.completedFuture(false);
    }

    public CompletableFuture<Boolean> unsubscribe(String topic, MqttMessageSubscriber subscriber) {
        subscribers.remove(topic);
        return CompletableFuture.completedFuture(true);
    }

    public CompletableFuture<Boolean> publish(String topic, byte[] payload, int qos, boolean retain) {
        CompletableFuture<Boolean> future = new CompletableFuture<>();
        MqttAsyncClient now = client;
        if (now == null) {
            return CompletableFuture.completedFuture(false);
        }
        try {
            now.publish(topic, payload, qos, retain, null, listener(future));
        } catch (MqttException error) {
            future.completeExceptionally(error);
        }
        return future;
    }

    public CompletableFuture<Boolean> stop() {
        synchronized (this) {
            if (scheduler == null) {
                return CompletableFuture.completedFuture(true);
            }
            scheduler.shutdownNow();
            scheduler = null;
            again = null;
            OPEN.decrementAndGet();
        }
        CompletableFuture<Boolean> future = new CompletableFuture<>();
        MqttAsyncClient now = client;
        Thread.ofPlatform().name("mqtt-stop").start(() -> {
            try {
                if (now.isConnected()) {
                    now.disconnect(1000).waitForCompletion(2000);
                } else {
                    now.disconnectForcibly(0, 100);
                }
            } catch (MqttException error) {
                // it is gone anyway
            }
            try {
                now.close(true);
            } catch (MqttException error) {
                // it is gone anyway
            }
            tell(MqttConnectionState.DISCONNECTED, null);
            future.complete(true);
        });
        return future;
    }

    private static IMqttActionListener listener(CompletableFuture<Boolean> future) {
        return new IMqttActionListener() {
            @Override
            public void onSuccess(IMqttToken token) {
                future.complete(true);
            }

            @Override
            public void onFailure(IMqttToken token, Throwable error) {
                future.completeExceptionally(error);
            }
        };
    }

    @Override
    public void connectionLost(Throwable cause) {
        connecting = false;
        lost(cause);
    }

    @Override
    public void messageArrived(String topic, MqttMessage message) {
        subscribers.forEach((filter, known) -> {
            if (MqttTopic.isMatched(filter, topic)) {
                known.forEach(subscriber -> subscriber.processMessage(topic, message.getPayload()));
            }
        });
    }

    @Override
    public void deliveryComplete(IMqttDeliveryToken token) {
        // the token's listener has been told
    }
}
