package house;

import java.util.Arrays;
import java.util.Collections;
import java.util.Dictionary;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

import javax.servlet.Servlet;

import org.eclipse.jetty.server.Server;
import org.eclipse.jetty.server.ServerConnector;
import org.eclipse.jetty.servlet.ServletContextHandler;
import org.eclipse.jetty.servlet.ServletHandler;
import org.eclipse.jetty.servlet.ServletHolder;
import org.eclipse.jetty.servlet.ServletMapping;
import org.eclipse.jetty.util.thread.QueuedThreadPool;

/** openHAB's HTTP server with its whiteboard: servlets come and go as services. */
public class Web {
    private static final String PREFIX = "osgi.http.whiteboard.servlet.";
    private final Server server = new Server(new QueuedThreadPool(50));
    private final ServletContextHandler handler = new ServletContextHandler();
    private final Map<Object, ServletHolder> holders = new ConcurrentHashMap<>();

    int start() throws Exception {
        ServerConnector connector = new ServerConnector(server);
        connector.setHost("127.0.0.1");
        server.addConnector(connector);
        server.setHandler(handler);
        server.start();
        return connector.getLocalPort();
    }

    void stop() throws Exception {
        server.stop();
    }

    synchronized void add(Object service, Dictionary<String, ?> properties) {
        ServletHolder holder = new ServletHolder((Servlet) service);
        for (String key : Collections.list(properties.keys())) {
            if (key.startsWith("servlet.init.")) {
                holder.setInitParameter(key.substring(13), String.valueOf(properties.get(key)));
            }
        }
        holder.setAsyncSupported(Boolean.parseBoolean(String.valueOf(properties.get(PREFIX + "asyncSupported"))));
        handler.getServletHandler().addServletWithMapping(holder, (String) properties.get(PREFIX + "pattern"));
        holders.put(service, holder);
    }

    synchronized void remove(Object service) {
        ServletHolder holder = holders.remove(service);
        ServletHandler servlets = handler.getServletHandler();
        servlets.setServletMappings(Arrays.stream(servlets.getServletMappings()).filter(one -> !one.getServletName().equals(holder.getName())).toArray(ServletMapping[]::new));
        servlets.setServlets(Arrays.stream(servlets.getServlets()).filter(one -> one != holder).toArray(ServletHolder[]::new));
        try {
            holder.stop();
        } catch (Exception error) {
            World.the().complain("servlet did not stop: " + error);
        }
    }
}
