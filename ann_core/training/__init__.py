"""Networks: their settings, their training loop, their checkpoints."""
