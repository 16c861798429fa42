"""The register: the database that may never lose anything. The copy can be rebuilt; this cannot."""
