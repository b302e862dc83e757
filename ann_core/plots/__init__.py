"""Figures and drawn images for the pages."""
