"""The check of the ledger."""
