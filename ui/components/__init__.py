"""Part of the pages: components."""
