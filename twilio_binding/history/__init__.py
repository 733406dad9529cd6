"""Use cases: what came in, what went out and what became of both, as people look at it.

Only what reads for people belongs here; it changes nothing that a delivery or a send depends on, but for what a person asks for.
"""
