"""Queries, one module a domain."""
