"""Part of the pages: predict."""
