"""Sentences about items: which items may be used how, what a text means for them, and what is answered in its language.

Values and rules only. Whoever wants something done on what a sentence means is outside.
"""
