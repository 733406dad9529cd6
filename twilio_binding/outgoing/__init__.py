"""What goes out to Twilio: requests of rules, sends, look-ups after a crash, limits and opt-outs.

Use cases only; Twilio's SDK, SQLite and MQTT stay outside, behind the ports of `ports.py`.
"""
