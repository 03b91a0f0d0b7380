"""Rules and use cases, one module a domain: plain async functions on a unit of work."""
