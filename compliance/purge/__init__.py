"""Purging: batches from proposal to proof."""
