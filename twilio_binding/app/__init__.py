"""The composition: builds and connects all parts, and starts and stops them in order.

Only wiring belongs here. Decisions belong to use cases.
"""
