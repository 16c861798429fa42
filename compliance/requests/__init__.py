"""Requests from data subjects: kept, counted against the deadlines of the law, matched with the copy."""
