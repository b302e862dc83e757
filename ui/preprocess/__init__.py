"""Part of the pages: preprocess."""
