"""What happens: use cases without frameworks, and the ports that the adapters implement."""
