"""Sentences about items: how items may be used, what a text means for them, and the answers in its language.

Values and rules only: commands are carried out in `people`.
"""
