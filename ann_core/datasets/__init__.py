"""Data sets: where images come from, how they are checked, split and kept."""
