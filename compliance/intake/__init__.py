"""Taking in exports: one run, one new build, or nothing at all."""
