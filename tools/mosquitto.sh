#!/bin/sh
# Sees that the MQTT broker mosquitto is there; installs it with apt-get where it is missing and we may, and says so first.
PATH="$PATH:/usr/sbin:/usr/local/sbin"
command -v mosquitto >/dev/null && exit 0
if command -v apt-get >/dev/null; then
    if [ "$(id -u)" = 0 ]; then as_root=""; else as_root="sudo -n"; fi
    if [ -z "$as_root" ] || sudo -n true 2>/dev/null; then
        echo "The MQTT broker mosquitto is missing. Installing it for the whole system with apt-get."
        if [ -t 0 ]; then echo "Ctrl-C within 5 s prevents that." && sleep 5; fi
        export DEBIAN_FRONTEND=noninteractive
        echo "apt-get update"
        $as_root apt-get update -qq
        echo "apt-get install mosquitto"
        $as_root apt-get install -y -qq mosquitto >/dev/null
    fi
fi
command -v mosquitto >/dev/null && exit 0
echo "mosquitto is missing. Install it: apt-get install mosquitto, dnf install mosquitto, brew install mosquitto." >&2
exit 1
