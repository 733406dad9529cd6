package org.openhab.core.config.discovery;

public interface ScanListener {
    void onFinished();

    void onErrorOccurred(Exception exception);
}
