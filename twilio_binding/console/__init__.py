"""The pages for people, and `/live`, `/ready` and `/metrics` for monitoring, on the admin listener.

Flask lives here and in `webhooks`; the two share nothing. The pages are imported when somebody opens the first one.
"""
