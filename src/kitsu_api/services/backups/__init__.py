"""Backups of the whole instance: its database and its files, as of one moment."""
