"""What a trained network predicts for images."""
