"""A mirror of another instance: its rows and files, copied over HTTP and kept up with its events."""
