"""Sets up the service on this machine, and removes it: searches for servers, checks of answers, and the files to write.

The questions are in `cli`. The running service uses nothing from here.
"""
