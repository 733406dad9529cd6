"""The REST resources of the stand-in, one module for each, and the routes to them."""
