"""Part of the pages: runs."""
