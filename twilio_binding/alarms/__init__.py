"""Alarms: who is told what and when, who takes it, and what starts it; durable across restarts at any point.

Use cases only, above people, incoming and outgoing; Twilio, SQLite, openHAB and MQTT stay behind the ports of `ports.py`.
"""
