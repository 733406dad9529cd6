"""Alarms: who is notified how and when, who acknowledges, and what starts an alarm; durable across restarts at any point.

Use cases only, above people, incoming and outgoing; Twilio, SQLite, openHAB and MQTT stay behind the ports of `ports.py`.
"""
