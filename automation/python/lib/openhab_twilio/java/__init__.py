"""Access to Java: classes, proxies, OSGi services. Everything else in this package is plain Python."""
