"""Purging: batches that two persons decide, carried out on the copy and in the sources, and proven."""
