"""What makes a build: reading files, staging and casting rows, matching persons, keeping the purged out."""
