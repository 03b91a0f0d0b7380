"""One production as one file: its rows and files, to be restored on another instance."""
