"""Sets the service up on this machine, and takes it away again: what is found and asked around it, and the files that are written.

What a person is asked stands in `cli`; here is what is behind the answers. Nothing here is used by the running service.
"""
