"""Statements that callers put together: filters, relations, orders and groups, as far as they may read."""
