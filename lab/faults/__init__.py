"""The promises, tested by breaking everything around them."""
