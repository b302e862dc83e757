"""Runs: the registry of all trainings, and the folder that each one leaves."""
