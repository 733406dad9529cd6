"""Use cases: the history of what came in and went out, for people to read.

Only what reads for people belongs here; it changes nothing that a delivery or a send depends on, but for what a person asks for.
"""
