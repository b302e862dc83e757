"""A whole run as one file, and back."""
