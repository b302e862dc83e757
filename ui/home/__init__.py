"""Part of the pages: home."""
