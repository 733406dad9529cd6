"""Contacts: who writes and calls, what they may do, and how they are written to, called and asked.

Use cases only. What comes in reaches them through the ports of `incoming`, and they send through `outgoing`.
"""
