"""Use cases: the history of what came in and went out, for people to read.

Only reads for people belong here. Deliveries and sends change only at a person's request.
"""
