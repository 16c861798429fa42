"""One person across all sources."""
