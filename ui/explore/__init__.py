"""Part of the pages: explore."""
