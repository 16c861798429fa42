"""Purging: proposed, approved by a second person, carried out, proven, and followed up at the sources."""
