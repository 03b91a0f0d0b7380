"""The database: engine, sessions, tables and the only place that writes queries."""
