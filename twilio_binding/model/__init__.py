"""Values and rules: things, events, payloads, actions, statuses, alarms, sentences.

Everything here is computed from its arguments: no I/O, no clock, no threads, no framework.
"""
