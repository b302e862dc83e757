"""Ask a trained network."""
