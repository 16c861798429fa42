"""Dates that the law sets."""
