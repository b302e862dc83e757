"""A run as programs that work without Flatland."""
