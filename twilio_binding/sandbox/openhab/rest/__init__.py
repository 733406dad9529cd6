"""The REST resources of the stand-in, one module a resource, and the table that routes to them."""
