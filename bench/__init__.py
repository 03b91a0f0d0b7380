"""How fast the server is, measured against hand-written SQL and, if there is one, another server."""
