"""How entries, tables and extracts are put into words."""
