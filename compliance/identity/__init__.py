"""What tells that two records are about one person: normalised addresses and numbers."""
