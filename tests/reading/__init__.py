"""What a build says on a given day."""
