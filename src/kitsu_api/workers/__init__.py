"""Work that nobody waits for: the queue, the worker and its jobs."""
