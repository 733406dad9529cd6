"""The composition: what is built of which parts, who is told of what, and in which order all starts and stops.

Nothing but wiring belongs here; whatever decides something is a use case.
"""
