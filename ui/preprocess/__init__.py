"""The Preprocess page: one image on its way to a row of numbers."""
