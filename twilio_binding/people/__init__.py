"""Contacts: texts and calls from and to them, their rights, and questions to them.

Use cases only. What comes in reaches them through the ports of `incoming`, and they send through `outgoing`.
"""
