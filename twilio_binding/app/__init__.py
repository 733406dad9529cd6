"""The composition: builds and connects all parts, and starts and stops them in order.

Nothing but wiring belongs here; whatever decides something is a use case.
"""
