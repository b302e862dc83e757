"""Jobs: the queue pump, the engine that starts processes, and the worker."""
