"""Where files lie: on the local disk or in an object store, under the keys that installations know."""
