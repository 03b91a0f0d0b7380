"""Import of sheets: read and checked whole, then written in one transaction by statements on many rows."""
