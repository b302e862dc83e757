"""The Results page: what one trained network learned, and how far it can be trusted."""
