"""Claims about flattening, each tested by a few ordinary runs: what is expected, what came out."""
