"""The rules as a page shows them, and what another rule would do."""
