"""Part of the pages: base."""
