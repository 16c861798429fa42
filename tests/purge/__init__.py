"""Purges at their bounds."""
