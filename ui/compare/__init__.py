"""Part of the pages: compare."""
