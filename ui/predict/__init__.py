"""The Predict page: asking a trained network about images, and what would change its mind."""
