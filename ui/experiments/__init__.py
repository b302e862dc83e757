"""Experiments: a claim, a bet, the runs that decide, what came out."""
