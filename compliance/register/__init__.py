"""The register: one database, one chain of migrations."""
