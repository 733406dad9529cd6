"""Measurements of speed and memory, for docs/measured/bench.md. `make bench` and `make soak` run them."""
