"""The pages for people and for monitoring: `/live`, `/ready`, `/metrics`.

Flask lives here and in `webhooks`; the two share nothing.
"""
