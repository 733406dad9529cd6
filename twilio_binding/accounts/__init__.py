"""Accounts and numbers at Twilio: statuses, webhooks, discovery, and the URL of openHAB Cloud.

Use cases only; Twilio's SDK and SQLite stay outside, behind the ports of `ports.py`.
"""
