"""What would be noticed if a statement or a module decided otherwise: `make mutants` changes them piece by piece."""
