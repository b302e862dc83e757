"""Part of the pages: train."""
