"""Pictures for Twilio to fetch: the URLs, and the bytes behind them.

Use cases only; cameras, openHAB and the disk stay outside, behind the ports of `ports.py`.
"""
