package org.openhab.core.io.transport.mqtt;

import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArraySet;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

import org.openhab.core.io.transport.mqtt.reconnect.AbstractReconnectStrategy;
import org.openhab.core.io.transport.mqtt.reconnect.PeriodicReconnectStrategy;

import com.hivemq.client.mqtt.datatypes.MqttQos;
import com.hivemq.client.mqtt.mqtt3.Mqtt3AsyncClient;
import com.hivemq.client.mqtt.mqtt3.Mqtt3Client;
import com.hivemq.client.mqtt.mqtt3.Mqtt3ClientBuilder;

/** openHAB's connection by its signature, over the client that openHAB has: subscriptions are kept and made again on connect. */
public class MqttBrokerConnection {
    public static final AtomicInteger OPEN = new AtomicInteger();
    private final String host;
    private final int port;
    private final boolean secure;
    private final String clientId;
    private final Set<MqttConnectionObserver> observers = new CopyOnWriteArraySet<>();
    private final Map<String, MqttMessageSubscriber> subscribers = new ConcurrentHashMap<>();
    private AbstractReconnectStrategy strategy = new PeriodicReconnectStrategy();
    private ScheduledExecutorService scheduler;
    private ScheduledFuture<?> again;
    private volatile Mqtt3AsyncClient client;
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
        Mqtt3AsyncClient now = client;
        if (now != null && now.getState().isConnected()) {
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
        Mqtt3ClientBuilder builder = Mqtt3Client.builder().identifier(clientId).serverHost(host).serverPort(port)
                .addConnectedListener(context -> connected()).addDisconnectedListener(context -> lost(context.getCause()));
        client = (secure ? builder.sslWithDefaultConfig() : builder).buildAsync();
        var connect = client.connectWith().cleanSession(true).keepAlive(keepAlive);
        if (user != null) {
            connect = connect.simpleAuth().username(user).password((password == null ? "" : password).getBytes()).applySimpleAuth();
        }
        if (will != null) {
            connect = connect.willPublish().topic(will.topic()).payload(will.payload()).qos(MqttQos.fromCode(will.qos())).retain(will.retain()).applyWillPublish();
        }
        return connect.send().handle((answer, error) -> error == null);
    }

    private void connected() {
        connecting = false;
        synchronized (this) {
            if (again != null) {
                again.cancel(false);
                again = null;
            }
        }
        subscribers.keySet().forEach(this::subscribeRaw);
        tell(MqttConnectionState.CONNECTED, null);
    }

    /** As in openHAB: an observer that throws keeps the connection from being made again. */
    private void lost(Throwable error) {
        connecting = false;
        synchronized (this) {
            if (scheduler == null) {
                return; // `stop` tells it
            }
        }
        tell(MqttConnectionState.DISCONNECTED, error);
        synchronized (this) {
            if (scheduler != null && again == null) {
                again = scheduler.scheduleWithFixedDelay(this::start, strategy.firstAfter(), strategy.every(), TimeUnit.MILLISECONDS);
            }
        }
    }

    private void tell(MqttConnectionState state, Throwable error) {
        observers.forEach(observer -> observer.connectionStateChanged(state, error));
    }

    private CompletableFuture<Boolean> subscribeRaw(String topic) {
        return client.subscribeWith().topicFilter(topic).qos(MqttQos.fromCode(qos)).callback(message -> {
            MqttMessageSubscriber subscriber = subscribers.get(topic);
            if (subscriber != null) {
                subscriber.processMessage(message.getTopic().toString(), message.getPayloadAsBytes());
            }
        }).send().handle((answer, error) -> error == null);
    }

    public CompletableFuture<Boolean> subscribe(String topic, MqttMessageSubscriber subscriber) {
        subscribers.put(topic, subscriber);
        return connectionState() == MqttConnectionState.CONNECTED ? subscribeRaw(topic) : CompletableFuture.completedFuture(false);
    }

    public CompletableFuture<Boolean> unsubscribe(String topic, MqttMessageSubscriber subscriber) {
        subscribers.remove(topic);
        return CompletableFuture.completedFuture(true);
    }

    public CompletableFuture<Boolean> publish(String topic, byte[] payload, int qos, boolean retain) {
        Mqtt3AsyncClient now = client;
        if (now == null) {
            return CompletableFuture.completedFuture(false);
        }
        return now.publishWith().topic(topic).payload(payload).qos(MqttQos.fromCode(qos)).retain(retain).send().thenApply(published -> true);
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
        subscribers.clear();
        return client.disconnect().handle((answer, error) -> {
            tell(MqttConnectionState.DISCONNECTED, null);
            return error == null;
        });
    }
}
