"""Is everything in place? One finding a line; nothing is changed by looking."""
