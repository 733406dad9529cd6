"""What comes in from Twilio: messages, calls, status callbacks, held calls, and the queue of deliveries.

Use cases only; Flask, SQLite, openHAB and MQTT stay outside, behind the ports of `ports.py`.
"""
