"""The weekly review and the risk overview: figures, lists and the ledger in words."""
