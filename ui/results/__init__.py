"""Part of the pages: results."""
