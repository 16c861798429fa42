"""Corrections of what sources tell."""
