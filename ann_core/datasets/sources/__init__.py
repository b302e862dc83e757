"""Data sets that are drawn, shipped or downloaded."""
