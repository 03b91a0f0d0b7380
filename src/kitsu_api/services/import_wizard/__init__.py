"""Sheets that are taken in step by step: read, mapped, planned, applied, and undone."""
