"""Data sets: where pictures come from, how they are checked, split and kept."""
