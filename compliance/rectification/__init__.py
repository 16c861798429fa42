"""Rectification (GDPR article 16): what a source is to correct, whether it has, and who else is told."""
