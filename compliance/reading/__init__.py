"""The copy as it is read: one build on one day."""
