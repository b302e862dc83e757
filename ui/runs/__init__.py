"""What pages know of a run: read once for all who watch it, and said in the same words."""
